/* The learning curves of a model's metadata, as arbitrary text. What is taken can be added to, and written and read again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/inputs/curves.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct curves curves;
    char *text = malloc(size + 1);
    check(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    curves_parse(text, &curves);
    free(text);
    check(curves.count <= CURVES_MOST + 1);
    for (size_t i = 0; i < curves.count; i++)
        check(curves.epoch[i] > (i > 0 ? curves.epoch[i - 1] : 0));
    json_t *rows = curves_rows(&curves);
    check(json_array_size(rows) == curves.count);
    json_decref(rows);

    const float value[CURVE_COUNT] = {NAN, 1, 2, 3, 4, 5};
    size_t next = curves.count > 0 ? curves.epoch[curves.count - 1] + 1 : 1;
    for (size_t i = 0; i < 500; i++)
        curves_add(&curves, next + i, value);
    check(curves.count <= CURVES_MOST + 1 && curves.epoch[curves.count - 1] == next + 499);
    return 0;
}
