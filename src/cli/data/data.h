/* The parts of minnow data. */
#ifndef MINNOW_CLI_DATA_DATA_H
#define MINNOW_CLI_DATA_DATA_H

#include "cli/command.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/table_source.h"

struct data_settings {
    struct table_reading reading;
    struct table_learning learning;
    const char *size; /* of pictures */
    bool colour;
};

/* Describes a table as training would take it: table.c. Returns 0 or, having said why, an exit status. */
int data_describe_table(const struct data_source *source, const struct data_settings *settings,
                        const struct common_options *common);

/* Describes the two sets of samples of a folder, an archive or the built-in digits: samples.c. Returns as above. */
int data_describe_samples(const char *path, const struct data_settings *settings,
                          const struct common_options *common);

#endif
