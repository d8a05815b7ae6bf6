#include "train/stages/csr.h"

#include <string.h>

#include "base/status.h"

/* Rows' places are an odd number of cache lines apart: with a power of two, the first entries of all rows, which
   are used most, would share a few sets of the cache. Entries are counted in 32 bits. */
static bool make_rows(struct csr *csr, size_t rows, size_t most) {
    size_t total;
    csr->stride = size_round_up(most, CACHE_LINE_FLOATS);
    if (csr->stride / CACHE_LINE_FLOATS % 2 == 0)
        csr->stride += CACHE_LINE_FLOATS;
    if (!size_multiply(rows, csr->stride, &total) || total > UINT32_MAX)
        return false;
    csr->begin = memory_allocate(rows, sizeof *csr->begin);
    csr->end = memory_allocate(rows, sizeof *csr->end);
    csr->index = memory_allocate(total, sizeof *csr->index);
    csr->value = memory_allocate(total, sizeof *csr->value);
    if (csr->begin == NULL || csr->end == NULL || csr->index == NULL || csr->value == NULL)
        return false;
    for (size_t r = 0; r < rows; r++)
        csr->begin[r] = csr->end[r] = (uint32_t)(r * csr->stride);
    return true;
}

static void free_rows(struct csr *csr) {
    memory_free(csr->begin);
    memory_free(csr->end);
    memory_free(csr->index);
    memory_free(csr->value);
}

/* Features listed at a time. The more there are, the more share the kernel's copy of the deltas they read; but
   their lists must still be in the second level of cache when they are read. */
static size_t choose_feature_block(size_t batch) {
    enum { MOST = 256, LEAST = 16, ENTRIES = 65536 };
    size_t features =
        ENTRIES / batch / CACHE_LINE_FLOATS * CACHE_LINE_FLOATS; /* no line shared by two threads */
    return size_min(MOST, features > LEAST ? features : LEAST);
}

/* What the samples are listed from: the index of the dataset, or one sample after the other as it was distorted, of
   which any feature may be other than 0. Sets the most entries that a sample can have. */
static minnow_status make_source(const struct stage_request *request, struct csr_batch *csr, size_t *most) {
    size_t features = request->dataset->features;
    if (!request->distorted) {
        minnow_status status = nonzeros_index(request->dataset, request->indexing, &csr->nonzeros);
        *most = csr->nonzeros.longest;
        return status;
    }

    *most = features;
    csr->distorted = memory_allocate(request->threads, features * sizeof *csr->distorted);
    return csr->distorted != NULL ? MINNOW_OK : fail_memory("distorted samples");
}

/* most: nonzeros that a sample can have. */
static minnow_status make_room(const struct stage_request *request, size_t most, struct csr_batch *csr) {
    size_t batch = csr->batch, threads = request->threads;
    csr->cursor = memory_allocate(threads * batch, sizeof *csr->cursor);
    if (csr->cursor != NULL && make_rows(&csr->samples, batch, most + NONZEROS_SLACK) &&
        make_rows(&csr->features, threads * csr->feature_block, batch))
        return MINNOW_OK;
    return fail(MINNOW_ERROR_MEMORY,
                "no room to list the nonzeros of mini-batches of %zu on %zu threads; train without "
                "(--sparse off), or with smaller mini-batches",
                batch, threads);
}

static struct csr_batch *new_batch(const struct stage_request *request) {
    struct csr_batch *csr = memory_allocate(1, sizeof *csr);
    if (csr == NULL)
        return NULL;
    csr->batch = request->batch;
    csr->feature_block = choose_feature_block(request->batch);
    return csr;
}

/* Keeps what was made, or frees it. */
static minnow_status hand_over(minnow_status status, struct csr_batch *csr, struct csr_batch **out) {
    if (status == MINNOW_OK)
        *out = csr;
    else
        csr_batch_free(csr);
    return status;
}

minnow_status csr_batch_create(const struct stage_request *request, struct csr_batch **out) {
    *out = NULL;
    struct csr_batch *csr = new_batch(request);
    if (csr == NULL)
        return fail_memory("the nonzeros of a mini-batch");

    size_t most;
    minnow_status status = make_source(request, csr, &most);
    if (status == MINNOW_OK)
        status = make_room(request, most, csr);
    return hand_over(status, csr, out);
}

minnow_status csr_batch_create_for(const struct stage_request *request, size_t most, size_t deltas,
                                   struct csr_batch **out) {
    *out = NULL;
    struct csr_batch *csr = new_batch(request);
    if (csr == NULL)
        return fail_memory("the nonzeros of a mini-batch");
    minnow_status status = make_room(request, most, csr);
    if (status == MINNOW_OK && deltas > 0 && !make_rows(&csr->deltas, csr->batch, deltas + NONZEROS_SLACK))
        status = fail_memory("the nonzeros of a mini-batch");
    return hand_over(status, csr, out);
}

void csr_batch_free(struct csr_batch *csr) {
    if (csr == NULL)
        return;
    nonzeros_free(&csr->nonzeros);
    memory_free(csr->distorted);
    free_rows(&csr->samples);
    free_rows(&csr->features);
    free_rows(&csr->deltas);
    memory_free(csr->cursor);
    memory_free(csr);
}

void csr_batch_prefetch(const struct csr_batch *csr, const minnow_dataset *dataset, size_t sample) {
    const struct sparse_features *sparse = &dataset->sparse;
    if (dataset_is_sparse(dataset)) {
        for (size_t i = sparse->start[sample]; i < sparse->start[sample + 1];
             i += CACHE_LINE / sizeof *sparse->index) {
            __builtin_prefetch(sparse->index + i);
            __builtin_prefetch(sparse->value + i);
        }
        return;
    }
    const struct nonzeros *nonzeros = &csr->nonzeros;
    size_t first = nonzeros->start[sample], end = nonzeros->start[sample + 1];
    for (size_t i = first; i < end; i += CACHE_LINE / sizeof *nonzeros->index)
        __builtin_prefetch(nonzeros->index + i);
    for (size_t i = first; nonzeros->byte != NULL && i < end; i += CACHE_LINE)
        __builtin_prefetch(nonzeros->byte + i);
}

/* A sparse dataset's own list, copied. */
static void gather_sparse(struct csr_batch *csr, const struct sparse_features *sparse, size_t row,
                          size_t sample) {
    size_t first = sparse->start[sample], n = sparse->start[sample + 1] - first,
           place = row * csr->samples.stride;
    memcpy(csr->samples.index + place, sparse->index + first, n * sizeof *sparse->index);
    memcpy(csr->samples.value + place, sparse->value + first, n * sizeof *sparse->value);
    csr->samples.index[place + n] = UINT32_MAX;
    csr->samples.end[row] = (uint32_t)(place + n);
}

void csr_batch_gather(struct csr_batch *csr, const minnow_dataset *dataset, size_t row, size_t sample) {
    if (dataset_is_sparse(dataset)) {
        gather_sparse(csr, &dataset->sparse, row, sample);
        return;
    }
    const struct nonzeros *nonzeros = &csr->nonzeros;
    size_t first = nonzeros->start[sample], n = nonzeros->start[sample + 1] - first,
           place = row * csr->samples.stride;
    const uint16_t *from = nonzeros->index + first;
    uint32_t *index = csr->samples.index + place;
    float *value = csr->samples.value + place;

    /* Whole vectors, past the end of the row: the loops then have no last turns of one entry each. */
    size_t whole = size_round_up(n, NONZEROS_SLACK);
    for (size_t i = 0; i < whole; i++)
        index[i] = from[i];
    if (dataset->bytes != NULL) {
        /* The product that gather_bytes forms, to the bit. */
        const uint8_t *byte = nonzeros->byte + first;
        for (size_t i = 0; i < whole; i++)
            value[i] = (float)byte[i] * dataset->scale;
    } else {
        const float *values = dataset->values + sample * dataset->features;
        for (size_t i = 0; i < n; i++)
            value[i] = values[from[i]];
    }
    index[n] = UINT32_MAX;
    csr->samples.end[row] = (uint32_t)(place + n);
}

/* Every value is written, and `n` moves on only behind one that is not 0, as a branch would be predicted wrongly too
   often. The bits are compared, without the sign: comparing floats takes longer, as it looks for NaN too. */
void csr_list_row(struct csr *csr, size_t row, const float *x, size_t features) {
    size_t place = row * csr->stride, n = 0;
    uint32_t *index = csr->index + place;
    float *value = csr->value + place;
    for (size_t i = 0; i < features; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        index[n] = (uint32_t)i;
        value[n] = x[i];
        n += bits << 1 != 0;
    }
    index[n] = UINT32_MAX;
    csr->end[row] = (uint32_t)(place + n);
}

void csr_batch_keep(struct csr_batch *csr, size_t row, const uint8_t *kept, float scale) {
    size_t begin = row * csr->samples.stride, end = csr->samples.end[row], n = begin;
    uint32_t *index = csr->samples.index;
    float *value = csr->samples.value;
    for (size_t e = begin; e < end; e++) {
        uint32_t feature = index[e];
        index[n] = feature;
        value[n] = value[e] * scale;
        n += kept[feature] != 0;
    }
    index[n] = UINT32_MAX;
    csr->samples.end[row] = (uint32_t)n;
}

/* The first entry in [begin, end) whose index is at least `feature`. */
static uint32_t lower_bound(const uint32_t *index, uint32_t begin, uint32_t end, size_t feature) {
    while (begin < end) {
        uint32_t middle = begin + (end - begin) / 2;
        if (index[middle] < feature)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

void csr_batch_seek(struct csr_batch *csr, unsigned thread, struct range rows, size_t first) {
    uint32_t *cursor = csr->cursor + thread * csr->batch;
    const struct csr *samples = &csr->samples;
    for (size_t row = rows.begin; row < rows.end; row++)
        cursor[row] = lower_bound(samples->index, samples->begin[row], samples->end[row], first);
}

struct sparse_rows csr_batch_list(struct csr_batch *csr, unsigned thread, struct range rows, size_t first,
                                  size_t last) {
    const uint32_t *from_index = csr->samples.index;
    const float *from_value = csr->samples.value;
    uint32_t *restrict cursor = csr->cursor + thread * csr->batch;
    uint32_t *restrict to_index = csr->features.index;
    float *restrict to_value = csr->features.value;
    uint32_t *restrict begin = csr->features.begin + (size_t)thread * csr->feature_block;
    uint32_t *restrict end = csr->features.end + (size_t)thread * csr->feature_block;
    for (size_t f = 0; f < last - first; f++)
        end[f] = begin[f];
    for (size_t row = rows.begin; row < rows.end; row++) {
        uint32_t entry = cursor[row];
        for (; from_index[entry] < last; entry++) {
            uint32_t place = end[from_index[entry] - first]++;
            to_index[place] = (uint32_t)row;
            to_value[place] = from_value[entry];
        }
        cursor[row] = entry;
    }
    return csr_rows(&csr->features, (size_t)thread * csr->feature_block);
}
