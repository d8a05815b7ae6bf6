/* The value of --class-weight, as any text, for classes that are called by numbers, by a table or by the command line. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/inputs/class_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, const struct class_labels *labels) {
    float weight[3];
    char error[CLASS_WEIGHTS_ERROR] = "";
    if (!class_weights_parse(text, labels, weight, error)) {
        if (error[0] == '\0')
            abort();
        return;
    }
    bool some = false;
    for (size_t c = 0; c < labels->classes; c++) {
        if (weight[c] != 0.0F && !(weight[c] >= 1e-30F && weight[c] <= 1e30F))
            abort();
        some = some || weight[c] > 0.0F;
    }
    if (!some)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char name[3][6] = {"no", "<=50K", "a b"};
    char *const names[] = {name[0], name[1], name[2]};
    char *text = malloc(size + 1);
    if (text == NULL)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    check(text, &(struct class_labels){.classes = 3});
    check(text, &(struct class_labels){.classes = 3, .first = 1});
    check(text, &(struct class_labels){.classes = 3, .names = names});
    check(text, &(struct class_labels){.classes = 3, .given = "red,,blue"});
    (void)class_weights_are_balanced(text);
    free(text);
    return 0;
}
