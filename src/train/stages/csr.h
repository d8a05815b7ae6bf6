/*
 * A mini-batch's nonzeros as compressed sparse rows (CSR), twice: by sample for the forward product, by feature
 * for the weight gradient.
 */
#ifndef MINNOW_TRAIN_STAGES_CSR_H
#define MINNOW_TRAIN_STAGES_CSR_H

#include "data/preprocessing/nonzeros.h"
#include "train/stages/stage.h"

/* CSR rows with a fixed place for as many entries as a row can ever have, so that any thread can fill any
   row. */
struct csr {
    size_t stride; /* entries from one row's place to the next's */
    uint32_t *begin, *end, *index;
    float *value;
};

struct csr_batch {
    struct nonzeros nonzeros; /* of the whole dataset; empty if samples are distorted */
    float *distorted;         /* [threads][features]: a distorted sample before it is listed; else NULL */
    struct csr samples;   /* [batch] rows over the features, each followed by an index beyond all features */
    struct csr features;  /* [threads][feature_block] rows over the samples of the mini-batch, in order */
    struct csr deltas;    /* [batch] rows over a layer's outputs, as `samples`; empty where none are listed */
    size_t feature_block; /* features that a thread lists at a time */
    uint32_t *cursor; /* [threads][batch]: each sample row's first entry that is not yet listed by feature */
    size_t batch;
};

/* Indexes the dataset's nonzeros on as many threads as the request says, unless samples are distorted, and makes room
   for mini-batches. Errors: MEMORY; then nothing is kept. */
minnow_status csr_batch_create(const struct stage_request *request, struct csr_batch **out);
/* The same for samples that are not the dataset's, each of at most `most` nonzeros, and for deltas of at most `deltas` (0:
   none are listed). */
minnow_status csr_batch_create_for(const struct stage_request *request, size_t most, size_t deltas,
                                   struct csr_batch **out);
void csr_batch_free(struct csr_batch *csr);

/* Fills sample row `row` of the mini-batch with a sample of the dataset. */
void csr_batch_gather(struct csr_batch *csr, const minnow_dataset *dataset, size_t row, size_t sample);

/* Takes the features that are not kept[features] out of sample row `row`, and multiplies the others by `scale`. */
void csr_batch_keep(struct csr_batch *csr, size_t row, const uint8_t *kept, float scale);

/* Fills row `row` with what is not 0 in x[features]. */
void csr_list_row(struct csr *csr, size_t row, const float *x, size_t features);

/* Prefetches what csr_batch_gather will read of a sample: first the place of its nonzeros, and some samples
   later the nonzeros themselves. */
static inline void csr_batch_prefetch_place(const struct csr_batch *csr, const minnow_dataset *dataset,
                                            size_t sample) {
    if (dataset_is_sparse(dataset))
        __builtin_prefetch(&dataset->sparse.start[sample]);
    else
        __builtin_prefetch(&csr->nonzeros.start[sample]);
}
void csr_batch_prefetch(const struct csr_batch *csr, const minnow_dataset *dataset, size_t sample);

/* Prepares thread `thread` to list features from `first` on, of these rows of samples. */
void csr_batch_seek(struct csr_batch *csr, unsigned thread, struct range rows, size_t first);
/* Lists the next features, from where the thread stands (`first`) to `last`, at most feature_block of them:
   row 0 is `first`. The same rows; indices count in the whole mini-batch. */
struct sparse_rows csr_batch_list(struct csr_batch *csr, unsigned thread, struct range rows, size_t first,
                                  size_t last);

/* The rows from row `first` on, as the kernels take them. */
static inline struct sparse_rows csr_rows(const struct csr *csr, size_t first) {
    return (struct sparse_rows){csr->begin + first, csr->end + first, csr->index, csr->value};
}

/* ---- What the kinds of listed nonzeros share (lists.c) ---- */

minnow_status csr_stage_open(struct stage *stage, const struct stage_request *request);
void csr_stage_close(struct stage *stage);
void csr_stage_load(struct stage *stage, const struct minibatch *batch, struct range samples,
                    unsigned thread);
void csr_stage_forward(struct stage *stage, struct range samples, struct range columns, enum activation act);
void csr_stage_update(struct stage *stage, const struct gradient_sum *sum, struct range rows,
                      struct range columns, unsigned thread);

#endif
