#include "cli/inputs/preprocessing.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/pictures/normalise.h"
#include "net/network.h"

/* The methods' names in files, indexed by enum picture_method. */
static const char *const methods[] = {"unknown", "mnist", "area"};

minnow_status preprocessing_record(minnow_network *network, const minnow_dataset *dataset) {
    struct picture_recipe recipe = dataset->pictures;
    if (recipe.method == PICTURES_UNKNOWN && dataset_is_normalised(dataset))
        recipe = (struct picture_recipe){PICTURES_MNIST, NORMALISED_SIDE, NORMALISED_SIDE, 1};
    if (recipe.method == PICTURES_UNKNOWN)
        return MINNOW_OK;

    json_t *value = json_pack("{s:{s:s, s:I, s:I, s:I}}", "pictures", "method", methods[recipe.method],
                              "height", (json_int_t)recipe.height, "width", (json_int_t)recipe.width,
                              "channels", (json_int_t)recipe.channels);
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    minnow_status status = text != NULL ? minnow_network_set_metadata(network, "preprocessing", text)
                                        : fail_memory("the network's metadata");
    free(text);
    return status;
}

static size_t side(const json_t *value) {
    json_int_t number = json_integer_value(value);
    return number >= 1 && number <= NETWORK_MAX_SIZE ? (size_t)number : 0;
}

/* Rows and columns as input_shape has them; without, a network of 784 inputs takes MNIST's. */
static void read_shape(const minnow_network *network, struct picture_recipe *out) {
    const char *text = minnow_network_metadata(network, "input_shape");
    json_t *shape = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    size_t inputs = minnow_network_layer_size(network, 0);
    if (json_array_size(shape) == 2) {
        out->height = side(json_array_get(shape, 0));
        out->width = side(json_array_get(shape, 1));
    } else if (inputs == NORMALISED_PIXELS) {
        out->height = out->width = NORMALISED_SIDE;
    }
    out->channels = 1;
    json_decref(shape);
}

struct picture_recipe preprocessing_read(const minnow_network *network) {
    struct picture_recipe recipe = {PICTURES_UNKNOWN, 0, 0, 1};
    const char *text = minnow_network_metadata(network, "preprocessing");
    json_t *record = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    const json_t *pictures = json_object_get(record, "pictures");
    const char *method = json_string_value(json_object_get(pictures, "method"));
    for (int i = 0; method != NULL && i < (int)(sizeof methods / sizeof methods[0]); i++)
        if (strcmp(method, methods[i]) == 0)
            recipe.method = (enum picture_method)i;

    if (recipe.method != PICTURES_UNKNOWN)
        recipe = (struct picture_recipe){recipe.method, side(json_object_get(pictures, "height")),
                                         side(json_object_get(pictures, "width")),
                                         side(json_object_get(pictures, "channels"))};
    json_decref(record);

    /* A record that does not fit the network is none. */
    size_t inputs = minnow_network_layer_size(network, 0);
    bool channels = recipe.channels == 1 || recipe.channels == 3;
    if (recipe.method == PICTURES_UNKNOWN || !channels ||
        recipe.height * recipe.width * recipe.channels != inputs) {
        recipe = (struct picture_recipe){PICTURES_UNKNOWN, 0, 0, 1};
        read_shape(network, &recipe);
        if (recipe.height * recipe.width != inputs)
            recipe.height = recipe.width = 0;
    }
    return recipe;
}
