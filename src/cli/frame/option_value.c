/* What settings hold for an option: as text, and copied to other settings. */
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/frame/options.h"

static void sizes_value(const struct size_list *list, char text[OPTION_VALUE_TEXT]) {
    size_t length = 0;
    snprintf(text, OPTION_VALUE_TEXT, "none");
    for (size_t i = 0; i < list->count; i++)
        length += (size_t)snprintf(text + length, OPTION_VALUE_TEXT - length, "%s%zu", i > 0 ? "," : "",
                                   list->size[i]);
}

static void choices_value(option_choice *choice, const struct choice_list *list,
                          char text[OPTION_VALUE_TEXT]) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < list->count; i++)
        length += (size_t)snprintf(text + length, OPTION_VALUE_TEXT - length, "%s%s", i > 0 ? "," : "",
                                   choice((size_t)list->choice[i]));
}

static void real_value(double value, char text[OPTION_VALUE_TEXT]) {
    double back;
    snprintf(text, OPTION_VALUE_TEXT, "%g", value);
    if (!number_parse_double(text, &back) || back != value)
        snprintf(text, OPTION_VALUE_TEXT, "%.17g", value);
}

static void reals_value(const struct real_list *list, char text[OPTION_VALUE_TEXT]) {
    size_t length = 0;
    snprintf(text, OPTION_VALUE_TEXT, "0");
    for (size_t i = 0; i < list->count; i++) {
        char number[OPTION_VALUE_TEXT];
        real_value(list->value[i], number);
        length +=
            (size_t)snprintf(text + length, OPTION_VALUE_TEXT - length, "%s%.25s", i > 0 ? "," : "", number);
    }
}

void option_value(const struct option *option, const void *settings, char text[OPTION_VALUE_TEXT]) {
    const void *target = (const char *)settings + option->offset;
    const char *string = "";
    switch (option->kind) {
    case OPTION_FLAG:
        string = *(const bool *)target ? "on" : "off";
        break;
    case OPTION_TEXT:
        string = *(const char *const *)target != NULL ? *(const char *const *)target : "";
        break;
    case OPTION_CHOICE:
        string = option->choice((size_t) * (const int *)target);
        break;
    case OPTION_CHOICES:
        choices_value(option->choice, target, text);
        return;
    case OPTION_COUNT:
        snprintf(text, OPTION_VALUE_TEXT, "%llu", (unsigned long long)*(const uint64_t *)target);
        return;
    case OPTION_REAL:
        real_value(*(const double *)target, text);
        return;
    case OPTION_REALS:
        reals_value(target, text);
        return;
    case OPTION_SIZES:
        sizes_value(target, text);
        return;
    }
    snprintf(text, OPTION_VALUE_TEXT, "%s", string);
}

void option_copy(const struct option *option, const void *from, void *to) {
    static const size_t size[] = {
        [OPTION_FLAG] = sizeof(bool),
        [OPTION_TEXT] = sizeof(char *),
        [OPTION_COUNT] = sizeof(uint64_t),
        [OPTION_REAL] = sizeof(double),
        [OPTION_REALS] = sizeof(struct real_list),
        [OPTION_CHOICE] = sizeof(int),
        [OPTION_CHOICES] = sizeof(struct choice_list),
        [OPTION_SIZES] = sizeof(struct size_list),
    };
    memcpy((char *)to + option->offset, (const char *)from + option->offset, size[option->kind]);
}
