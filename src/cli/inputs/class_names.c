#include "cli/inputs/class_names.h"

#include <stdbool.h>
#include <stdio.h>

json_t *class_names_read(const minnow_network *network) {
    size_t classes = minnow_network_layer_size(network, minnow_network_layer_count(network));
    const char *text = minnow_network_metadata(network, "class_names");
    json_t *names = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;

    bool usable = json_array_size(names) == classes;
    for (size_t c = 0; c < classes && usable; c++)
        usable = json_is_string(json_array_get(names, c));
    if (usable)
        return names;
    json_decref(names); /* not one name for each class: the classes go by their numbers */
    return NULL;
}

const char *class_name(const json_t *names, size_t label, char number[CLASS_NUMBER_TEXT]) {
    if (names != NULL)
        return json_string_value(json_array_get(names, label));
    snprintf(number, CLASS_NUMBER_TEXT, "%zu", label);
    return number;
}
