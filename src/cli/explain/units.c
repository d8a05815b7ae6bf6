/* Which units and connections of a network are shown where there is no room for all. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/explain/explain.h"

struct ranked {
    size_t unit;
    float weight; /* the larger, the more it is worth showing */
};

static int by_weight(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->unit < y->unit ? -1 : 1;
}

static int by_number(const void *a, const void *b) {
    const size_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

size_t *explain_units(const struct walk *walk, size_t l, size_t most, size_t *count) {
    const struct walk_layer *layer = &walk->layers[l];
    struct ranked *ranks = memory_allocate(layer->outputs, sizeof *ranks);
    size_t *units = memory_allocate(layer->outputs, sizeof *units);
    *count = size_min(layer->outputs, most);
    for (size_t j = 0; ranks != NULL && j < layer->outputs; j++) {
        bool wanted = (l == walk->followed.layer && j == walk->followed.unit) ||
                      (l + 1 == walk->layer_count && (j == walk->answer || j == walk->guess));
        float size = fabsf(layer->deltas[j]);
        ranks[j] = (struct ranked){j, wanted ? INFINITY : (size >= 0.0F ? size : 0.0F)};
    }
    if (ranks != NULL && units != NULL) {
        qsort(ranks, layer->outputs, sizeof *ranks, by_weight);
        for (size_t n = 0; n < *count; n++)
            units[n] = ranks[n].unit;
        qsort(units, *count, sizeof *units, by_number);
    }
    memory_free(ranks);
    if (ranks != NULL)
        return units;
    memory_free(units);
    return NULL;
}

float explain_product(const struct walk *walk, size_t l, enum product product, size_t input, size_t unit) {
    const struct walk_layer *layer = &walk->layers[l];
    switch (product) {
    case PRODUCT_FORWARD:
        return walk_weight(layer, unit, input) * walk_into(walk, l)[input];
    case PRODUCT_BACKWARD:
        return walk_weight(layer, unit, input) * layer->deltas[unit];
    case PRODUCT_GRADIENT:
        return layer->weight_gradient[input * layer->outputs + unit];
    }
    return 0.0F;
}

/* Where a connection belongs among those that were found, largest first. */
static void keep(struct connection *found, size_t *count, size_t most, struct connection one) {
    size_t place = *count;
    while (place > 0 && fabsf(found[place - 1].value) < fabsf(one.value))
        place--;
    if (place == most)
        return;
    size_t moved = size_min(*count, most - 1) - place;
    memmove(found + place + 1, found + place, moved * sizeof *found);
    found[place] = one;
    *count = size_min(*count + 1, most);
}

size_t explain_connections(const struct walk *walk, size_t l, enum product product, const size_t *inputs,
                           size_t input_count, const size_t *units, size_t unit_count, size_t most,
                           struct connection *found) {
    size_t count = 0;
    for (size_t i = 0; i < input_count; i++)
        for (size_t j = 0; j < unit_count; j++) {
            size_t input = inputs != NULL ? inputs[i] : i;
            float value = explain_product(walk, l, product, input, units[j]);
            if (value != 0.0F)
                keep(found, &count, most, (struct connection){input, units[j], value});
        }
    return count;
}
