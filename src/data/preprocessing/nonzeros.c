#include "data/preprocessing/nonzeros.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"

enum { PROFILE_SAMPLES = 2048, SAMPLE_GRAIN = 64 };

static size_t count_sample(const minnow_dataset *dataset, size_t sample) {
    size_t count = 0, first = sample * dataset->features;
    if (dataset_is_sparse(dataset))
        return dataset->sparse.start[sample + 1] - dataset->sparse.start[sample];
    if (dataset->bytes != NULL) {
        for (size_t i = 0; i < dataset->features; i++)
            count += dataset->bytes[first + i] != 0;
        return count;
    }
    for (size_t i = 0; i < dataset->features; i++)
        count += dataset->values[first + i] != 0.0f;
    return count;
}

/* The distance between the samples that are looked at, so that they are about PROFILE_SAMPLES. */
static size_t profile_step(const minnow_dataset *dataset) {
    return dataset->count / PROFILE_SAMPLES + 1;
}

size_t nonzeros_by_feature(const minnow_dataset *dataset, uint32_t *restrict nonzeros) {
    size_t samples = 0, n = dataset->features, step = profile_step(dataset);
    for (size_t i = 0; i < n; i++)
        nonzeros[i] = 0;
    for (size_t s = 0; s < dataset->count; s += step, samples++) {
        if (dataset_is_sparse(dataset))
            for (size_t i = dataset->sparse.start[s]; i < dataset->sparse.start[s + 1]; i++)
                nonzeros[dataset->sparse.index[i]]++;
        else if (dataset->bytes != NULL)
            for (size_t i = 0; i < n; i++)
                nonzeros[i] += dataset->bytes[s * n + i] != 0;
        else
            for (size_t i = 0; i < n; i++)
                nonzeros[i] += dataset->values[s * n + i] != 0.0f;
    }
    return samples;
}

double nonzeros_density(const minnow_dataset *dataset) {
    size_t samples = 0, count = 0, step = profile_step(dataset);
    for (size_t s = 0; s < dataset->count; s += step, samples++)
        count += count_sample(dataset, s);
    return (double)count / ((double)samples * (double)dataset->features);
}

/* Lists the nonzeros of bytes[n]: their indices and the bytes themselves. `count` of them were counted before;
   there is room for `room`, which reaches to the end of this thread's samples.

   Eight bytes are looked at together, as most eights are all zero. In the others every byte is written, and
   `used` moves on only behind a nonzero one: a branch would be predicted wrongly half of the time.

   The bytes of a mapped file may have changed since they were counted. If there are more nonzeros now, the
   next sample's list overwrites those beyond `count`, or they found no room. If there are fewer, the first
   `count` bytes are listed instead, whatever they are. In both cases the indices ascend, which the lists by
   feature rely on for their size. */
static void index_bytes(const uint8_t *restrict bytes, size_t n, size_t count, size_t room,
                        uint16_t *restrict index, uint8_t *restrict byte) {
    size_t used = 0, i = 0;
    for (; i + 8 <= n && used + 8 <= room; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof word);
        if (word == 0)
            continue;
        for (size_t j = i; j < i + 8; j++) {
            index[used] = (uint16_t)j;
            byte[used] = bytes[j];
            used += bytes[j] != 0;
        }
    }

    for (; i < n && used < room; i++) {
        if (bytes[i] == 0)
            continue;
        index[used] = (uint16_t)i;
        byte[used++] = bytes[i];
    }

    if (used < count)
        for (used = 0; used < count; used++) {
            index[used] = (uint16_t)used;
            byte[used] = bytes[used];
        }
}

static void index_floats(const float *values, size_t n, uint16_t *index) {
    for (size_t i = 0; i < n; i++)
        if (values[i] != 0.0f)
            *index++ = (uint16_t)i;
}

struct indexing {
    const minnow_dataset *dataset;
    struct nonzeros *out;
};

static void count_slice(struct team_member member, void *context) {
    struct indexing *job = context;
    size_t begin, end;
    team_slice(member, job->dataset->count, SAMPLE_GRAIN, &begin, &end);
    for (size_t s = begin; s < end; s++)
        job->out->start[s + 1] = count_sample(job->dataset, s);
}

static void index_slice(struct team_member member, void *context) {
    struct indexing *job = context;
    const minnow_dataset *dataset = job->dataset;
    size_t begin, end, n = dataset->features;
    team_slice(member, dataset->count, SAMPLE_GRAIN, &begin, &end);

    for (size_t s = begin; s < end; s++) {
        size_t first = job->out->start[s];
        if (dataset->bytes != NULL)
            index_bytes(dataset->bytes + s * n, n, job->out->start[s + 1] - first,
                        job->out->start[end] - first, job->out->index + first, job->out->byte + first);
        else
            index_floats(dataset->values + s * n, n, job->out->index + first);
    }
}

/* Turns the counts in start[1 …] into the places where each sample's list begins, and finds the longest. */
static void sum_up(const minnow_dataset *dataset, struct nonzeros *out) {
    for (size_t s = 0; s < dataset->count; s++) {
        if (out->start[s + 1] > out->longest)
            out->longest = out->start[s + 1];
        out->start[s + 1] += out->start[s];
    }
}

minnow_status nonzeros_index(const minnow_dataset *dataset, unsigned threads, struct nonzeros *out) {
    *out = (struct nonzeros){0};
    struct indexing job = {dataset, out};
    if (dataset_is_sparse(dataset)) {
        for (size_t s = 0; s < dataset->count; s++)
            out->longest = count_sample(dataset, s) > out->longest ? count_sample(dataset, s) : out->longest;
        return MINNOW_OK;
    }
    out->start = memory_allocate(dataset->count + 1, sizeof *out->start);
    if (out->start == NULL)
        return fail_memory("the index of nonzero features");

    team_run(team_threads(threads), count_slice, &job);
    sum_up(dataset, out);

    size_t entries = out->start[dataset->count];
    out->index = memory_allocate_unset(entries + NONZEROS_SLACK, sizeof *out->index);
    if (dataset->bytes != NULL)
        out->byte = memory_allocate_unset(entries + NONZEROS_SLACK, sizeof *out->byte);
    if (out->index == NULL || (dataset->bytes != NULL && out->byte == NULL)) {
        nonzeros_free(out);
        return fail_memory("the index of nonzero features");
    }

    memset(out->index + entries, 0, NONZEROS_SLACK * sizeof *out->index);
    if (out->byte != NULL)
        memset(out->byte + entries, 0, NONZEROS_SLACK);
    team_run(team_threads(threads), index_slice, &job);
    return MINNOW_OK;
}

void nonzeros_free(struct nonzeros *nonzeros) {
    memory_free(nonzeros->start);
    memory_free(nonzeros->index);
    memory_free(nonzeros->byte);
    *nonzeros = (struct nonzeros){0};
}
