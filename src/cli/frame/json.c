#include "cli/frame/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "cli/frame/terminal.h"

/* ---- Numbers ---- */

json_t *json_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_float(float value) {
    char text[NUMBER_TEXT];
    double decimal;
    if (!isfinite(value))
        return json_null();
    number_write_shortest(value, text);
    return json_real(number_parse_double(text, &decimal) ? decimal : (double)value);
}

/* A whole number with ".0", or readers with types would take it for an integer. */
static void print_decimal(const char *text, size_t length) {
    print("%s%s", text, strcspn(text, ".e") == length ? ".0" : "");
}

static void print_real(double value) {
    char text[NUMBER_TEXT];
    print_decimal(text, number_write_shortest_double(value, text));
}

void print_json_double(double value) {
    if (isfinite(value))
        print_real(value);
    else
        print("null");
}

void print_json_float(float value) {
    char text[NUMBER_TEXT];
    if (isfinite(value))
        print_decimal(text, number_write_shortest(value, text));
    else
        print("null");
}

void print_json_floats(const float *values, size_t count, size_t stride) {
    print("[");
    for (size_t i = 0; i < count; i++) {
        print("%s", i > 0 ? "," : "");
        print_json_float(values[i * stride]);
    }
    print("]");
}

/* ---- Values ----

   The JSON library writes real numbers with so many digits that any of them reads back, 0.98129999999999995
   for 0.9813. So its values are written here, and only what holds no real number is left to it. */

/* Strings, integers, true, false and null. */
static bool print_plain(json_t *value) {
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    if (text == NULL)
        return false;
    print("%s", text);
    free(text);
    return true;
}

static bool print_key(const char *key) {
    json_t *string = json_string(key);
    bool printed = string != NULL && print_plain(string);
    json_decref(string);
    if (printed)
        print(":");
    return printed;
}

static bool print_value(json_t *value);

static bool print_array(json_t *array) {
    size_t i;
    json_t *element;
    print("[");
    json_array_foreach(array, i, element) {
        print("%s", i > 0 ? "," : "");
        if (!print_value(element))
            return false;
    }
    print("]");
    return true;
}

static bool print_members(json_t *object) {
    const char *key, *comma = "";
    json_t *member;
    print("{");
    json_object_foreach(object, key, member) {
        print("%s", comma);
        comma = ",";
        if (!print_key(key) || !print_value(member))
            return false;
    }
    print("}");
    return true;
}

static bool print_value(json_t *value) {
    if (json_is_real(value)) {
        print_real(json_real_value(value));
        return true;
    }
    if (json_is_array(value))
        return print_array(value);
    return json_is_object(value) ? print_members(value) : print_plain(value);
}

bool print_json(json_t *object) {
    bool printed = object != NULL && print_value(object);
    json_decref(object);
    if (!printed)
        return output_fail(ENOMEM);
    print("\n");
    return print_flush();
}
