/* Which samples a report shows. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "cli/report/report.h"

/* Of one cell of the confusion matrix, and of all of a page. */
enum { WRONG_OF_CELL = 24, RIGHT_OF_CELL = 8, OF_CELL_A_TURN = 4, SHOTS_MOST = 1200, PIXELS_MOST = 560000 };

static int by_number(uint32_t a, uint32_t b) {
    return (a > b) - (a < b);
}

/* The worst is the one whose own label has the least output. Samples in turn where that is the same. */
static int worst_first(const struct shot *a, const struct shot *b) {
    if (a->right != b->right)
        return a->right < b->right ? -1 : 1;
    return by_number(a->sample, b->sample);
}

static int by_cell(const void *a, const void *b) {
    const struct shot *x = a, *y = b;
    if (x->label != y->label)
        return by_number(x->label, y->label);
    if (x->predicted != y->predicted)
        return by_number(x->predicted, y->predicted);
    return worst_first(x, y);
}

static bool is_wrong(const struct shot *shot) {
    return shot->label != shot->predicted;
}

static int wrong_first(const void *a, const void *b) {
    const struct shot *x = a, *y = b;
    if (is_wrong(x) != is_wrong(y))
        return is_wrong(x) ? -1 : 1;
    return worst_first(x, y);
}

/* Keeps the first few of each cell, in place; the shots are in the order of by_cell. */
static size_t keep_few(struct shot *shots, size_t count) {
    size_t kept = 0;
    uint32_t of_cell = 0, label = 0, predicted = 0;
    for (size_t i = 0; i < count; i++) {
        struct shot shot = shots[i];
        bool same = i > 0 && shot.label == label && shot.predicted == predicted;
        of_cell = same ? of_cell + 1 : 0;
        label = shot.label;
        predicted = shot.predicted;
        shot.turn = of_cell / OF_CELL_A_TURN;
        if (of_cell < (is_wrong(&shot) ? WRONG_OF_CELL : RIGHT_OF_CELL))
            shots[kept++] = shot;
    }
    return kept;
}

/* The worst of all come first; then each cell has its turns, a few shots each, so that none stays empty beside a full
   one. Those that are right are few cells, and come before the others. */
static int by_turn(const void *a, const void *b) {
    const struct shot *x = a, *y = b;
    if (x->turn != y->turn)
        return by_number(x->turn, y->turn);
    if (is_wrong(x) != is_wrong(y))
        return is_wrong(x) ? 1 : -1;
    return worst_first(x, y);
}

static void put_worst_first(struct shot *shots, size_t count) {
    qsort(shots, count, sizeof *shots, wrong_first);
    for (size_t i = 0; i < count; i++)
        shots[i].turn = i < REPORT_WORST && is_wrong(&shots[i]) ? 0 : shots[i].turn + 1;
    qsort(shots, count, sizeof *shots, by_turn);
}

minnow_status report_choose(struct report_model *model) {
    size_t count = minnow_dataset_count(model->data.test), share = model->share, most = SHOTS_MOST / share;
    size_t pixels = model->pictures.height * model->pictures.width * model->pictures.channels;
    struct shot *shots = memory_allocate(count, sizeof *shots), *kept;
    if (shots == NULL)
        return fail_memory("a report");
    for (size_t i = 0; i < count; i++)
        shots[i] = (struct shot){(uint32_t)i,
                                 minnow_dataset_label(model->data.test, i),
                                 model->evaluation.predicted[i],
                                 0,
                                 model->right[i],
                                 model->confidence[i]};
    qsort(shots, count, sizeof *shots, by_cell);

    size_t few = keep_few(shots, count);
    put_worst_first(shots, few);
    if (pixels > 0)
        most = size_min(most, PIXELS_MOST / share / pixels);
    model->shot_count = size_min(few, most > 0 ? most : 1);
    qsort(shots, model->shot_count, sizeof *shots, wrong_first);

    kept = memory_allocate(model->shot_count, sizeof *kept);
    for (size_t i = 0; kept != NULL && i < model->shot_count; i++)
        kept[i] = shots[i];
    memory_free(shots);
    model->shots = kept;
    return kept != NULL ? MINNOW_OK : fail_memory("a report");
}
