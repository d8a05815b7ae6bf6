#include "cli/inputs/test_data.h"

#include "cli/frame/terminal.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/feature_scale.h"
#include "cli/inputs/provenance.h"
#include "data/dataset.h"

/* Data that nobody names are of MNIST's kind, which a network that was trained on others knows nothing of. */
static int check_default(const struct test_data_request *from, const minnow_network *network) {
    const struct data_format *format = provenance_format(network);
    struct data_source source;
    int status = data_source_find(from->data, false, &source);
    if (status != STATUS_SUCCESS || source.demanded || format == NULL || format->is_default)
        return status;
    return problem(
        STATUS_USAGE,
        "%s: without --data, minnow takes images like MNIST's, but this network was trained on data of "
        "another kind, %s; name some: --data PATH",
        from->model, format->name);
}

int test_data_load(const struct test_data_request *from, minnow_network *network, struct data *data,
                   struct encoder **encoder) {
    const struct command_line *line = from->line;
    struct data_request request = data_request_of(network);
    request.transpose = from->transpose;
    bool table = false;
    *encoder = NULL;
    int status = check_default(from, network);
    if (status == STATUS_SUCCESS)
        status =
            table_load_test(from->data, from->reading, line, network, from->model, data, encoder, &table);
    if (status == STATUS_SUCCESS && !table)
        status = data_load_request(from->data, false, &request, line->common.threads, data);
    if (status == STATUS_SUCCESS)
        dataset_scale(data->test, minnow_network_input_scaling(network));

    if (status == STATUS_SUCCESS && from->form->scaling != NULL && data->test->bytes == NULL)
        status = command_refuse(line->command, "input-scaling",
                                "has no effect: %s holds features, which are taken as they are",
                                data_source_name(&data->source));
    if (status == STATUS_SUCCESS)
        status = evaluation_check(network, from->model, data->test, data_source_name(&data->source));
    if (status == STATUS_SUCCESS && !table) {
        struct extent extent = extent_of(data->test);
        input_range_warn(network, &extent, data_source_name(&data->source));
    }
    return status;
}
