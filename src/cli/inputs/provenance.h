/* What the file of a trained network tells of its training. */
#ifndef MINNOW_CLI_PROVENANCE_H
#define MINNOW_CLI_PROVENANCE_H

#include "data/formats/format.h"
#include "minnow/minnow.h"

struct provenance {
    const minnow_training_config *config;
    const minnow_dataset *dataset; /* what was trained on */
    uint32_t fingerprint;          /* its dataset_crc32 */
    size_t epochs;                 /* completed */
    const char *class_names;       /* separated by commas, as provenance_check_names accepts them; or NULL */
};

/* Whether there are as many names, separated by commas, as classes; NULL is fine. Returns 0 or, having said
   why not, an exit status. */
int provenance_check_names(const char *class_names, size_t classes);

/* Puts it into the network's metadata. Errors: MEMORY, ARGUMENT (names that are not UTF-8). */
minnow_status provenance_record(minnow_network *network, const struct provenance *provenance);

/* The format of the data that the network was trained on, by what its file tells; NULL where that tells none. */
const struct data_format *provenance_format(const minnow_network *network);

#endif
