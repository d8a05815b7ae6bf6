#ifndef MINNOW_CLI_TEST_NUMBERS_H
#define MINNOW_CLI_TEST_NUMBERS_H

#include "cli/frame/options.h"
#include "cli/inputs/data_source.h"
#include "data/table/encoder.h"

/* Tests a network that predicts numbers, and prints its errors and the rows where they are largest: `mistakes` of them with
   their columns, or if that is 0, ten. Returns 0 or, having said why, an exit status. */
int test_numbers(const minnow_network *network, const struct data *data, const struct encoder *encoder,
                 size_t mistakes, const struct common_options *common);

#endif
