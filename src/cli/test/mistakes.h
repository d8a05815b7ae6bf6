/* The samples about which a network is wrong, worst first. */
#ifndef MINNOW_CLI_TEST_MISTAKES_H
#define MINNOW_CLI_TEST_MISTAKES_H

#include <jansson.h>

#include "cli/inputs/data_source.h"
#include "cli/inputs/evaluation.h"
#include "data/table/encoder.h"

struct mistake {
    uint32_t sample, label, predicted;
    float right; /* the output of its label */
    float taken; /* the largest */
};

struct mistakes {
    size_t count; /* at most those that were asked for */
    struct mistake *list;
};

/* The worst `most`: those whose own class got the least. Returns 0 or, having said why, an exit status; mistakes_free in
   either case. */
int mistakes_find(const minnow_network *network, const struct data *data, const struct evaluation *evaluation,
                  size_t most, struct mistakes *out);
void mistakes_free(struct mistakes *mistakes);

/* Pictures are drawn, as many beside each other as there is room for; rows of a table are listed with their columns.
   encoder: the table's, or NULL; names: of the classes, or NULL. Returns 0 or, having said why, an exit status. */
int mistakes_print(const struct mistakes *mistakes, const struct data *data, const struct encoder *encoder,
                   const json_t *names);
json_t *mistakes_json(const struct mistakes *mistakes, const struct data *data);

/* "  length = 4.2, colour = red" of a test sample. Returns as above. */
int mistakes_print_columns(const struct data *data, const struct encoder *encoder, size_t sample);

#endif
