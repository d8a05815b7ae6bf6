/* The samples that a trained network is tested on. */
#ifndef MINNOW_CLI_TEST_DATA_H
#define MINNOW_CLI_TEST_DATA_H

#include "cli/inputs/data_source.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/table_source.h"

/* What a command's options say of them. */
struct test_data_request {
    const struct command_line *line;
    const char *model; /* the network's name */
    const char *data;  /* --data, or NULL */
    bool transpose;
    const struct model_form *form;
    const struct table_reading *reading;
};

/* Loads them as the network takes them: pictures as those it was trained on, a table through the encoder that the network
   came with, which is *encoder then, or else NULL. They fit the network. Returns 0 or, having said why, an exit status;
   data_free and encoder_free in either case. */
int test_data_load(const struct test_data_request *request, minnow_network *network, struct data *data,
                   struct encoder **encoder);

#endif
