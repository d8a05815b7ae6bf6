/* A whole dataset distorted. */
#include "base/argument.h"
#include "base/memory.h"
#include "base/sized.h"
#include "base/status.h"
#include "base/team.h"
#include "data/augmentation/distortion.h"

struct job {
    const struct distortion *distortion;
    minnow_dataset *out;
};

static void distort_slice(struct team_member member, void *context) {
    enum { GRAIN = 16 };
    struct job *job = context;
    minnow_dataset *out = job->out;
    size_t begin, end;
    team_slice(member, out->count, GRAIN, &begin, &end);
    for (size_t s = begin; s < end; s++) {
        if (s + 1 < end)
            distortion_prefetch(job->distortion, s + 1);
        if (out->bytes != NULL)
            distortion_bytes(job->distortion, member.index, s, out->bytes + s * out->features);
        else
            distortion_floats(job->distortion, member.index, s, out->values + s * out->features);
    }
}

minnow_status minnow_dataset_distort(const minnow_dataset *dataset, const minnow_distortion_config *config,
                                     uint64_t seed, size_t epoch, unsigned threads, minnow_dataset **out) {
    if (!CLEARED(out) || !GIVEN(dataset) || !GIVEN(config))
        return MINNOW_ERROR_ARGUMENT;

    minnow_distortion_config own;
    minnow_status status = distortion_config_read(config, &own);
    if (status == MINNOW_OK && epoch >= UINT32_MAX)
        status = fail(MINNOW_ERROR_ARGUMENT, "minnow_dataset_distort: epoch is %zu, expected 0 to %u", epoch,
                      UINT32_MAX - 1);
    if (status != MINNOW_OK)
        return status;

    struct distortion *distortion;
    threads = team_threads(threads);
    status = distortion_create(&own, dataset, kernels_best(), seed, threads, &distortion);
    if (status != MINNOW_OK)
        return status;

    struct job job = {.distortion = distortion};
    status = dataset_copy(dataset, &job.out);
    if (status == MINNOW_OK) {
        distortion_begin_epoch(distortion, epoch);
        team_run(threads, distort_slice, &job);
        *out = job.out;
    }
    distortion_free(distortion);
    return status;
}
