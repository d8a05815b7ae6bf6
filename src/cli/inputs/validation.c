#include "cli/inputs/validation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/frame/terminal.h"

/* ---- What is asked for ---- */

static int refuse(const char *command, const char *text, const char *found) {
    return problem(STATUS_USAGE,
                   "%s: --validation %.200s: expected a number of training samples, a share of them as 0.1, "
                   "'last:N', or a folder or file of data%s",
                   command, text, found);
}

static int parse_number(const char *command, const char *text, double number,
                        struct validation_request *out) {
    if (number_parse_u64(text, &out->count) && out->count <= UINT32_MAX) {
        out->kind = out->count > 0 ? VALIDATION_COUNT : VALIDATION_NONE;
        return STATUS_SUCCESS;
    }
    out->kind = VALIDATION_SHARE;
    out->share = number;
    return number > 0 && number < 1 ? STATUS_SUCCESS : refuse(command, text, "");
}

int validation_parse(const char *command, const char *text, struct validation_request *out) {
    const char last[] = "last:";
    double number;
    *out = (struct validation_request){.kind = VALIDATION_NONE};
    if (text == NULL)
        return STATUS_SUCCESS;
    if (number_parse_double(text, &number))
        return parse_number(command, text, number, out);

    if (strncmp(text, last, sizeof last - 1) == 0) {
        out->kind = VALIDATION_LAST;
        bool whole = number_parse_u64(text + sizeof last - 1, &out->count);
        return whole && out->count > 0 && out->count <= UINT32_MAX ? STATUS_SUCCESS
                                                                   : refuse(command, text, "");
    }

    struct stat info;
    out->kind = VALIDATION_PATH;
    out->path = text;
    return stat(text, &info) == 0 ? STATUS_SUCCESS : refuse(command, text, "; there is none of that name");
}

bool validation_is_portable(const char *text) {
    double number;
    return number_parse_double(text, &number) || strncmp(text, "last:", 5) == 0;
}

int validation_wanted(const struct validation_request *request, size_t count, const char *samples,
                      size_t *out) {
    *out = (size_t)request->count;
    if (request->kind == VALIDATION_SHARE)
        *out = (size_t)floor((double)count * request->share + 0.5);
    const char *last = request->kind == VALIDATION_LAST ? "last:" : "";
    if (request->kind == VALIDATION_SHARE && *out == 0)
        return problem(STATUS_USAGE, "train: --validation %g: less than one of the %zu training %s",
                       request->share, count, samples);
    if (request->kind == VALIDATION_SHARE && *out == count)
        return problem(STATUS_USAGE, "train: --validation %g: all of the %zu training %s", request->share,
                       count, samples);
    if (*out >= count)
        return problem(STATUS_USAGE, "train: --validation %s%zu: expected less than the %zu training %s",
                       last, *out, count, samples);
    return STATUS_SUCCESS;
}

/* ---- Taking them ---- */

/* Of a folder with both subsets, the one that is for the test. */
static int open_own(const char *path, const struct data_request *how, const minnow_dataset *train,
                    minnow_dataset **out) {
    struct data_request request = *how;
    minnow_subset subset =
        dataset_folder_has(path, MINNOW_SUBSET_TEST) ? MINNOW_SUBSET_TEST : MINNOW_SUBSET_TRAIN;
    request.all = true;
    request.map = false;
    request.classes = 0;
    request.features = minnow_dataset_features(train);
    minnow_status status = dataset_open(path, subset, &request, out);
    if (status == MINNOW_OK)
        status = dataset_match(*out, train);
    if (status != MINNOW_OK) {
        minnow_dataset_free(*out);
        *out = NULL;
        return report(status);
    }
    note("data: %s, %zu samples to validate on", path, minnow_dataset_count(*out));
    return STATUS_SUCCESS;
}

int validation_take(const struct validation_request *request, uint64_t seed, const struct data_request *how,
                    minnow_dataset *train, minnow_dataset **out) {
    size_t wanted;
    *out = NULL;
    if (request->kind == VALIDATION_NONE)
        return STATUS_SUCCESS;
    if (request->kind == VALIDATION_PATH)
        return open_own(request->path, how, train, out);

    int status = validation_wanted(request, minnow_dataset_count(train), "samples", &wanted);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status split = request->kind == VALIDATION_LAST
                              ? minnow_dataset_split(train, wanted, out)
                              : minnow_dataset_hold_out(train, wanted, seed, out);
    return split == MINNOW_OK ? STATUS_SUCCESS : report(split);
}
