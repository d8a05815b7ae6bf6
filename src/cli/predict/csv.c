#include "cli/predict/csv.h"

#include <math.h>

#include "base/number.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"

/* A field, in quotes where it needs them. */
static void print_field(const char *prefix, const char *text) {
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        print("%s%s", prefix, text);
        return;
    }
    print("\"%s", prefix);
    for (; *text != '\0'; text++)
        print(*text == '"' ? "\"\"" : "%c", *text);
    print("\"");
}

static void print_number(float number) {
    char text[NUMBER_TEXT];
    if (!isfinite(number))
        return; /* an empty field is a gap */
    number_write_shortest(number, text);
    print("%s", text);
}

void csv_print_header(const json_t *names, size_t classes) {
    char number[CLASS_NUMBER_TEXT];
    print("id,prediction");
    for (size_t c = 0; c < classes; c++) {
        print(",");
        print_field("p_", class_name(names, c, number));
    }
    print("\n");
}

void csv_print_id(const char *id) {
    print_field("", id);
}

void csv_print_class(const json_t *names, size_t label, const float *probabilities, size_t classes) {
    char number[CLASS_NUMBER_TEXT];
    print(",");
    print_field("", class_name(names, label, number));
    for (size_t c = 0; c < classes; c++) {
        print(",");
        print_number(probabilities[c]);
    }
    print("\n");
}

void csv_print_number(float number) {
    print(",");
    print_number(number);
    print("\n");
}

void csv_print_none(size_t classes) {
    print(",");
    for (size_t c = 0; c < classes; c++)
        print(",");
    print("\n");
}
