/* A mini-batch's nonzeros, twice: by sample for the forward product, by feature for
 * the weight gradient. */
#ifndef MINNOW_TRAIN_SPARSE_H
#define MINNOW_TRAIN_SPARSE_H

#include "data/preprocessing/nonzeros.h"
#include "kernels.h"

/* Each row has a fixed place for as many entries as it can ever have, so that any thread can fill any row. */
struct sparse_batch {
    struct nonzeros nonzeros;
    struct sparse_slots {
        size_t stride; /* entries from one row's place to the next's */
        uint32_t *begin, *end, *index;
        float *value;
    } samples,            /* [batch] rows over the features, each followed by an index beyond all features */
        features;         /* [threads][feature_block] rows over the samples of the mini-batch, in order */
    size_t feature_block; /* features listed at a time */
    uint32_t *cursor;     /* [threads][batch]: each sample row's first entry not yet listed by feature */
    size_t batch;
};

/* Indexes the dataset's nonzeros on `indexing` threads (0: OpenMP's choice), and makes room for mini-batches
   on `threads` threads. Errors: MEMORY; then nothing is kept. */
minnow_status sparse_batch_create(const minnow_dataset *dataset, size_t batch, unsigned indexing,
                                  unsigned threads, struct sparse_batch *out);
void sparse_batch_free(struct sparse_batch *sparse);

/* Fills sample row `row` of the mini-batch with a sample of the dataset. */
void sparse_batch_gather(struct sparse_batch *sparse, const minnow_dataset *dataset, size_t row,
                         size_t sample);

/* Asks the cache for what sparse_batch_gather will read of a sample: first where it is, later the thing
 * itself. */
static inline void sparse_batch_prefetch_place(const struct sparse_batch *sparse, size_t sample) {
    __builtin_prefetch(&sparse->nonzeros.start[sample]);
}
void sparse_batch_prefetch(const struct sparse_batch *sparse, size_t sample);

/* Thread `thread` is about to list features from `first` on, of the m sample rows. */
void sparse_batch_seek(struct sparse_batch *sparse, unsigned thread, size_t m, size_t first);
/* Lists the next features, from where it stands (`first`) to `last`, at most feature_block of them: row 0 is
 * `first`. */
struct sparse_rows sparse_batch_list(struct sparse_batch *sparse, unsigned thread, size_t m, size_t first,
                                     size_t last);

/* The rows of either from row `first` on, as the kernels take them. */
static inline struct sparse_rows sparse_slots_rows(const struct sparse_slots *slots, size_t first) {
    return (struct sparse_rows){slots->begin + first, slots->end + first, slots->index, slots->value};
}

#endif
