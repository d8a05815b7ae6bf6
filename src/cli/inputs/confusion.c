#include "cli/inputs/confusion.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"

size_t *confusion_count(const struct evaluation *evaluation, const minnow_dataset *dataset) {
    size_t classes = evaluation->classes;
    size_t *counts = memory_allocate(classes * classes, sizeof *counts);
    for (size_t i = 0; counts != NULL && i < evaluation->totals.total; i++)
        counts[minnow_dataset_label(dataset, i) * classes + evaluation->predicted[i]]++;
    return counts;
}

void confusion_print_class(const json_t *names, size_t label) {
    char number[CLASS_NUMBER_TEXT];
    print_harmless(class_name(names, label, number));
}

/* ---- The matrix ---- */

/* How wide its columns are, and what there is room for beside them. */
struct layout {
    size_t cell;
    bool shares;
    size_t names; /* columns for them */
};

enum { LABELS = 7, CELL = 6, SHARES = 10 };

static size_t digits(size_t value) {
    return (size_t)snprintf(NULL, 0, "%zu", value);
}

/* False: there is no room for a matrix. */
static bool lay_out(const struct evaluation *evaluation, const size_t *counts, struct layout *out) {
    size_t classes = evaluation->classes, columns = output_columns(), most = digits(classes - 1);
    *out = (struct layout){.cell = CELL, .shares = true, .names = SIZE_MAX};
    if (!output_is_terminal())
        return true;

    for (size_t i = 0; i < classes * classes; i++)
        most = digits(counts[i]) > most ? digits(counts[i]) : most;
    while (out->cell > most + 1 && LABELS + classes * out->cell + SHARES > columns)
        out->cell--;
    out->cell = out->cell > most + 1 ? out->cell : most + 1;
    out->shares = LABELS + classes * out->cell + SHARES <= columns;
    size_t used = LABELS + classes * out->cell + (out->shares ? SHARES : 0);
    out->names = columns > used ? columns - used : 0;
    return used <= columns;
}

void confusion_print_name(const json_t *names, size_t label, size_t room) {
    char number[CLASS_NUMBER_TEXT];
    snprintf(number, sizeof number, "%zu", label);
    const char *name = class_name(names, label, number);
    if (strcmp(name, number) != 0 && strlen(name) + 2 <= room) {
        print("  ");
        print_harmless(name);
    }
    print("\n");
}

static void print_row(const struct evaluation *evaluation, const size_t *row, size_t label,
                      const struct layout *layout) {
    const struct colours *colour = output_colours();
    const char *nothing = output_is_terminal() && output_takes_utf8() ? "·" : ".";
    print("%5zu  ", label);
    for (size_t column = 0; column < evaluation->classes; column++) {
        size_t count = row[column];
        if (count == 0)
            print("%s%*s%s%s", colour->dim, (int)layout->cell - 1, "", nothing, colour->plain);
        else
            print("%s%*zu%s", label == column ? colour->good : colour->bad, (int)layout->cell, count,
                  colour->plain);
    }
    if (layout->shares && evaluation->samples[label] > 0)
        print("  %5.2f %%", 100 * (double)evaluation->errors[label] / (double)evaluation->samples[label]);
    else if (layout->shares)
        print("        - ");
}

void confusion_print(const struct evaluation *evaluation, const size_t *counts, const json_t *names) {
    const struct colours *colour = output_colours();
    size_t classes = evaluation->classes;
    struct layout layout;
    if (!lay_out(evaluation, counts, &layout)) {
        confusion_print_pairs(evaluation, counts, names);
        return;
    }
    print("\n%slabel%s  predicted as\n       ", colour->bold, colour->plain);
    for (size_t column = 0; column < classes; column++)
        print("%*zu", (int)layout.cell, column);
    print("%s\n", layout.shares ? "     wrong" : "");
    for (size_t label = 0; label < classes; label++) {
        print_row(evaluation, &counts[label * classes], label, &layout);
        confusion_print_name(names, label, layout.names);
    }
}

/* ---- The list ---- */

/* The pair that comes next behind one: fewer times mistaken, or as often and later in the matrix. Pairs are few, and so
   are their equals: no memory is needed to sort them. False: there is none. */
static bool next_pair(const size_t *counts, size_t classes, size_t *pair, size_t *count) {
    size_t best = 0, best_pair = 0;
    for (size_t i = 0; i < classes * classes; i++) {
        bool right = i / classes == i % classes;
        bool behind = counts[i] < *count || (counts[i] == *count && i > *pair);
        if (!right && behind && counts[i] > best) {
            best = counts[i];
            best_pair = i;
        }
    }
    *pair = best_pair;
    *count = best;
    return best > 0;
}

void confusion_print_pairs(const struct evaluation *evaluation, const size_t *counts, const json_t *names) {
    enum { MOST = 10 };
    const struct colours *colour = output_colours();
    size_t classes = evaluation->classes, pair = 0, count = SIZE_MAX, shown = 0;
    print("\n%smistakes%s\n", colour->bold, colour->plain);
    for (; shown < MOST && next_pair(counts, classes, &pair, &count); shown++) {
        print("%s%5zu%s  ", colour->bad, count, colour->plain);
        confusion_print_class(names, pair / classes);
        print(" as ");
        confusion_print_class(names, pair % classes);
        print("\n");
    }
    if (shown == 0)
        print(" none\n");
}
