#include "cli/inputs/class_weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "data/dataset.h"

static const double WEIGHT_LEAST = 1e-30, WEIGHT_MOST = 1e30; /* but for 0 */

const char *choice_class_weight(size_t index) {
    return index == 0 ? "balanced" : NULL;
}

bool class_weights_are_balanced(const char *text) {
    return text != NULL && strcmp(text, "balanced") == 0;
}

/* ---- Classes by their names ---- */

/* The place of a name in "A,B,C"; how many there are, if it is none of them. */
static size_t find_given(const char *given, const char *name, size_t length) {
    size_t index = 0;
    for (;; index++) {
        size_t own = strcspn(given, ",");
        if (own == length && memcmp(given, name, length) == 0)
            return index;
        if (given[own] == '\0')
            return index + 1;
        given += own + 1;
    }
}

/* labels->classes, if there is no such class. */
static size_t find_class(const struct class_labels *labels, const char *name, size_t length) {
    char number[24];
    uint64_t value;
    if (labels->given != NULL)
        return find_given(labels->given, name, length);
    if (labels->names != NULL) {
        for (size_t c = 0; c < labels->classes; c++)
            if (strlen(labels->names[c]) == length && memcmp(labels->names[c], name, length) == 0)
                return c;
        return labels->classes;
    }
    if (length >= sizeof number)
        return labels->classes;
    memcpy(number, name, length);
    number[length] = '\0';
    bool one =
        number_parse_u64(number, &value) && value >= labels->first && value - labels->first < labels->classes;
    return one ? (size_t)(value - labels->first) : labels->classes;
}

void class_weights_name(const struct class_labels *labels, size_t c, char text[CLASS_LABEL_TEXT]) {
    const char *given = labels->given;
    for (size_t i = 0; given != NULL && i < c; i++)
        given += strcspn(given, ",") + 1;
    if (given != NULL)
        snprintf(text, CLASS_LABEL_TEXT, "%.*s", (int)strcspn(given, ","), given);
    else if (labels->names != NULL)
        snprintf(text, CLASS_LABEL_TEXT, "%s", labels->names[c]);
    else
        snprintf(text, CLASS_LABEL_TEXT, "%zu", c + labels->first);
}

/* ---- Reading ---- */

static bool parse_weight(const char *text, size_t length, float *weight, char error[CLASS_WEIGHTS_ERROR]) {
    char number[48];
    double value;
    if (length < sizeof number) {
        memcpy(number, text, length);
        number[length] = '\0';
        if (number_parse_double(number, &value) &&
            (value == 0.0 || (value >= WEIGHT_LEAST && value <= WEIGHT_MOST))) {
            *weight = (float)value;
            return true;
        }
    }
    snprintf(error, CLASS_WEIGHTS_ERROR, "expected a weight of 0 or %g to %g, found '%.*s'", WEIGHT_LEAST,
             WEIGHT_MOST, length < 64 ? (int)length : 64, text);
    return false;
}

/* "NAME=W" without its comma. A weight that is not a number yet is NaN. */
static bool parse_named(const char *text, size_t length, const struct class_labels *labels, float *weight,
                        char error[CLASS_WEIGHTS_ERROR]) {
    size_t name = length;
    while (name > 0 && text[name - 1] != '=')
        name--;
    if (name == 0) {
        snprintf(error, CLASS_WEIGHTS_ERROR, "expected NAME=W, found '%.*s'", length < 64 ? (int)length : 64,
                 text);
        return false;
    }

    size_t c = find_class(labels, text, name - 1);
    int shown = name - 1 < 64 ? (int)name - 1 : 64;
    if (c >= labels->classes) {
        char first[CLASS_LABEL_TEXT], last[CLASS_LABEL_TEXT];
        class_weights_name(labels, 0, first);
        class_weights_name(labels, labels->classes - 1, last);
        snprintf(error, CLASS_WEIGHTS_ERROR, "there is no class '%.*s'; the %zu classes are %.40s to %.40s",
                 shown, text, labels->classes, first, last);
        return false;
    }
    if (!isnan(weight[c])) {
        snprintf(error, CLASS_WEIGHTS_ERROR, "class '%.*s' has a weight already", shown, text);
        return false;
    }
    return parse_weight(text + name, length - name, &weight[c], error);
}

static bool check_all(const struct class_labels *labels, const float *weight,
                      char error[CLASS_WEIGHTS_ERROR]) {
    for (size_t c = 0; c < labels->classes; c++)
        if (weight[c] > 0.0F)
            return true;
    snprintf(error, CLASS_WEIGHTS_ERROR, "all classes weigh 0, so that nothing is learned");
    return false;
}

bool class_weights_parse(const char *text, const struct class_labels *labels, float *weight,
                         char error[CLASS_WEIGHTS_ERROR]) {
    bool named = strchr(text, '=') != NULL, going = true;
    size_t count = 0;
    for (size_t c = 0; c < labels->classes; c++)
        weight[c] = NAN;

    for (const char *part = text; going; count++) {
        size_t length = strcspn(part, ",");
        if (named && !parse_named(part, length, labels, weight, error))
            return false;
        if (!named && count < labels->classes && !parse_weight(part, length, &weight[count], error))
            return false;
        going = part[length] == ',';
        part += length + 1;
    }
    if (!named && count != labels->classes) {
        snprintf(error, CLASS_WEIGHTS_ERROR,
                 "%zu weight%s for %zu classes; expected one for each, NAME=W, or balanced", count,
                 count == 1 ? "" : "s", labels->classes);
        return false;
    }
    for (size_t c = 0; c < labels->classes; c++)
        weight[c] = isnan(weight[c]) ? 1.0F : weight[c];
    return check_all(labels, weight, error);
}

/* ---- Writing ---- */

bool class_weights_write(const minnow_dataset *dataset, char *text, size_t size) {
    size_t used = 0;
    for (size_t c = 0; c < dataset->classes; c++) {
        char number[NUMBER_TEXT];
        number_write_shortest(dataset->class_weights[c], number);
        size_t length = strlen(number) + (c > 0);
        if (used + length >= size)
            return false;
        used += (size_t)snprintf(text + used, size - used, "%s%s", c > 0 ? "," : "", number);
    }
    return true;
}
