#include "train/sparse.h"

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"

/* Places an odd number of cache lines apart: a power of two would crowd the rows' first entries, which are
   used most, into a few sets of the cache. Entries are counted in 32 bits. */
static bool make_slots(struct sparse_slots *slots, size_t rows, size_t most) {
    size_t total;
    slots->stride = size_round_up(most, CACHE_LINE_FLOATS);
    if (slots->stride / CACHE_LINE_FLOATS % 2 == 0)
        slots->stride += CACHE_LINE_FLOATS;
    if (!size_multiply(rows, slots->stride, &total) || total > UINT32_MAX)
        return false;
    slots->begin = memory_allocate(rows, sizeof *slots->begin);
    slots->end = memory_allocate(rows, sizeof *slots->end);
    slots->index = memory_allocate(total, sizeof *slots->index);
    slots->value = memory_allocate(total, sizeof *slots->value);
    if (slots->begin == NULL || slots->end == NULL || slots->index == NULL || slots->value == NULL)
        return false;
    for (size_t r = 0; r < rows; r++)
        slots->begin[r] = slots->end[r] = (uint32_t)(r * slots->stride);
    return true;
}

static void free_slots(struct sparse_slots *slots) {
    memory_free(slots->begin);
    memory_free(slots->end);
    memory_free(slots->index);
    memory_free(slots->value);
}

/* Features listed at a time: many share a copy of the deltas they read, but their lists are to be in the
   second level of cache still when they are read. */
static size_t choose_feature_block(size_t batch) {
    enum { MOST = 256, LEAST = 16, ENTRIES = 65536 };
    size_t features =
        ENTRIES / batch / CACHE_LINE_FLOATS * CACHE_LINE_FLOATS; /* no line shared by two threads */
    return size_min(MOST, features > LEAST ? features : LEAST);
}

minnow_status sparse_batch_create(const minnow_dataset *dataset, size_t batch, unsigned indexing,
                                  unsigned threads, struct sparse_batch *out) {
    *out = (struct sparse_batch){.batch = batch, .feature_block = choose_feature_block(batch)};
    minnow_status status = nonzeros_index(dataset, indexing, &out->nonzeros);
    out->cursor = memory_allocate((size_t)threads * batch, sizeof *out->cursor);
    if (status == MINNOW_OK &&
        (out->cursor == NULL || !make_slots(&out->samples, batch, out->nonzeros.longest + 1) ||
         !make_slots(&out->features, (size_t)threads * out->feature_block, batch)))
        status = fail(MINNOW_ERROR_MEMORY,
                      "no room to list the nonzeros of mini-batches of %zu on %u threads; train without "
                      "(--sparse off), or with smaller mini-batches",
                      batch, threads);
    if (status != MINNOW_OK) {
        sparse_batch_free(out);
        *out = (struct sparse_batch){0};
    }
    return status;
}

void sparse_batch_free(struct sparse_batch *sparse) {
    nonzeros_free(&sparse->nonzeros);
    free_slots(&sparse->samples);
    free_slots(&sparse->features);
    memory_free(sparse->cursor);
}

void sparse_batch_prefetch(const struct sparse_batch *sparse, size_t sample) {
    const struct nonzeros *nonzeros = &sparse->nonzeros;
    size_t first = nonzeros->start[sample], end = nonzeros->start[sample + 1];
    for (size_t i = first; i < end; i += CACHE_LINE / sizeof *nonzeros->index)
        __builtin_prefetch(nonzeros->index + i);
    for (size_t i = first; nonzeros->byte != NULL && i < end; i += CACHE_LINE)
        __builtin_prefetch(nonzeros->byte + i);
}

void sparse_batch_gather(struct sparse_batch *sparse, const minnow_dataset *dataset, size_t row,
                         size_t sample) {
    const struct nonzeros *nonzeros = &sparse->nonzeros;
    size_t first = nonzeros->start[sample], n = nonzeros->start[sample + 1] - first,
           place = row * sparse->samples.stride;
    const uint16_t *from = nonzeros->index + first;
    uint32_t *index = sparse->samples.index + place;
    float *value = sparse->samples.value + place;
    for (size_t i = 0; i < n; i++)
        index[i] = from[i];
    if (dataset->bytes != NULL) {
        /* The product that gather_bytes forms, to the bit. */
        const uint8_t *byte = nonzeros->byte + first;
        for (size_t i = 0; i < n; i++)
            value[i] = (float)byte[i] * dataset->scale;
    } else {
        const float *values = dataset->values + sample * dataset->features;
        for (size_t i = 0; i < n; i++)
            value[i] = values[from[i]];
    }
    index[n] = UINT32_MAX;
    sparse->samples.end[row] = (uint32_t)(place + n);
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

void sparse_batch_seek(struct sparse_batch *sparse, unsigned thread, size_t m, size_t first) {
    uint32_t *cursor = sparse->cursor + thread * sparse->batch;
    const struct sparse_slots *samples = &sparse->samples;
    for (size_t row = 0; row < m; row++)
        cursor[row] = lower_bound(samples->index, samples->begin[row], samples->end[row], first);
}

struct sparse_rows sparse_batch_list(struct sparse_batch *sparse, unsigned thread, size_t m, size_t first,
                                     size_t last) {
    const uint32_t *from_index = sparse->samples.index;
    const float *from_value = sparse->samples.value;
    uint32_t *restrict cursor = sparse->cursor + thread * sparse->batch;
    uint32_t *restrict to_index = sparse->features.index;
    float *restrict to_value = sparse->features.value;
    uint32_t *restrict begin = sparse->features.begin + (size_t)thread * sparse->feature_block;
    uint32_t *restrict end = sparse->features.end + (size_t)thread * sparse->feature_block;
    for (size_t f = 0; f < last - first; f++)
        end[f] = begin[f];
    for (size_t row = 0; row < m; row++) {
        uint32_t entry = cursor[row];
        for (; from_index[entry] < last; entry++) {
            uint32_t place = end[from_index[entry] - first]++;
            to_index[place] = (uint32_t)row;
            to_value[place] = from_value[entry];
        }
        cursor[row] = entry;
    }
    return sparse_slots_rows(&sparse->features, (size_t)thread * sparse->feature_block);
}
