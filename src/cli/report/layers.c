/* What a page knows of a network's layers. */
#include "cli/report/report.h"

/* Bins with nothing in them are left out at both ends. */
json_t *report_histogram(const struct histogram *histogram) {
    size_t begin, end;
    json_t *counts = json_array();
    bool any = histogram_bounds(histogram, &begin, &end);
    for (size_t bin = begin; any && bin < end; bin++)
        json_array_append_new(counts, json_integer((json_int_t)histogram->count[bin]));
    return json_pack("{s:f, s:f, s:o, s:I, s:I, s:I}", "from", any ? histogram_edge(histogram, begin) : 0.0,
                     "width",
                     any ? histogram_edge(histogram, begin + 1) - histogram_edge(histogram, begin) : 0.0,
                     "counts", counts, "total", (json_int_t)histogram->total, "zeros",
                     (json_int_t)histogram->zeros, "left_out", (json_int_t)histogram->left_out);
}

/* Which units are dead, as many as a page has room to name. */
static json_t *dead_units(const struct unit_ranges *ranges) {
    enum { NAMED_MOST = 200 };
    json_t *units = json_array();
    for (size_t unit = 0; unit < ranges->units && json_array_size(units) < NAMED_MOST; unit++)
        if (unit_is_dead(ranges, unit))
            json_array_append_new(units, json_integer((json_int_t)unit));
    return units;
}

json_t *report_layers(const struct report_model *model) {
    const minnow_network *network = model->network;
    json_t *layers = json_array();
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer_facts *facts = &model->layers[l];
        const char *activation = l + 1 < network->layer_count
                                     ? activation_rows[network->layers[l].activation].name
                                     : loss_rows[network->loss].name;
        json_array_append_new(layers, json_pack("{s:I, s:s, s:I, s:o, s:o, s:o}", "units",
                                                (json_int_t)facts->ranges.units, "activation", activation,
                                                "dead", (json_int_t)unit_dead_count(&facts->ranges),
                                                "dead_units", dead_units(&facts->ranges), "weights",
                                                report_histogram(&facts->weights), "activations",
                                                report_histogram(&facts->activations)));
    }
    return layers;
}
