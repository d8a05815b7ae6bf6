#include "cli/inputs/data_check.h"

#include <stdio.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"
#include "data/preprocessing/duplicates.h"
#include "data/table/notes.h"

/* ---- Classes ---- */

/* counts[classes] of labels. */
static void count_labels(const minnow_dataset *dataset, size_t *counts) {
    for (size_t i = 0; i < dataset->count; i++)
        counts[dataset->labels[i]]++;
}

/* Lists the classes that only the test has, each with how many test samples are of it. */
static size_t list_unseen(const struct data *data, char *const *names, const size_t *trained,
                          const size_t *tested, struct listing *list) {
    size_t samples = 0;
    for (size_t c = 0; c < data->test->classes; c++) {
        char text[200];
        if (tested[c] == 0 || trained[c] > 0)
            continue;
        if (names != NULL)
            snprintf(text, sizeof text, "%s", names[c]);
        else
            snprintf(text, sizeof text, "%zu", c + data->train->from_one);
        listing_add(list, text);
        samples += tested[c];
    }
    return samples;
}

static int check_unseen(const struct data *data, char *const *names) {
    size_t classes = data->train->classes;
    if (data->test->targets != NULL || data->test->classes != classes)
        return STATUS_SUCCESS;
    size_t *counts = memory_allocate(2 * classes, sizeof *counts);
    if (counts == NULL)
        return problem(STATUS_FAILURE, "not enough memory to count %zu classes", classes);

    struct listing list = {.count = 0};
    count_labels(data->train, counts);
    count_labels(data->test, counts + classes);
    size_t samples = list_unseen(data, names, counts, counts + classes, &list);
    if (samples > 0)
        note("data: %zu of the %zu test samples are of %s %s, which training never sees", samples,
             data->test->count, list.count == 1 ? "class" : "classes", listing_end(&list));
    memory_free(counts);
    return STATUS_SUCCESS;
}

int data_check_classes(const struct data *data) {
    const minnow_dataset *train = data->train;
    if (train->targets != NULL || train->classes > 1)
        return STATUS_SUCCESS;
    return problem(STATUS_INPUT,
                   "%s: all %zu training labels are %u; expected two classes or more to tell apart",
                   data_source_name(&data->source), train->count, train->labels[0] + train->from_one);
}

/* ---- Samples ---- */

/* Results are printed to a hundredth of a percent; one sample in a thousand moves them by less than ten of these. */
enum { SHARE_THAT_SHOWS = 1000 };

static int check_duplicates(const struct data *data, unsigned threads) {
    size_t same = 0, count = data->test->count;
    minnow_status status = duplicates_count(data->train, data->test, threads, &same);
    if (status != MINNOW_OK)
        return report(status);
    if (same > 0 && same >= count / SHARE_THAT_SHOWS)
        note("data: %zu of the %zu test samples have the features of a training sample", same, count);
    return STATUS_SUCCESS;
}

int data_check_sets(const struct data *data, char *const *names, unsigned threads) {
    int status = check_unseen(data, names);
    return status == STATUS_SUCCESS ? check_duplicates(data, threads) : status;
}

void data_check_precision(const struct data *data) {
    if ((data->test != NULL && data->test->inexact) || (data->train != NULL && data->train->inexact))
        note("data: features hold whole numbers beyond 16,777,216, whose last digits single precision does "
             "not "
             "hold");
}
