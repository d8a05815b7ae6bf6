/* One thread that predicts for all requests. While it works on some jobs others arrive, and become its next batch: the more
   there are, the larger the product, so that many clients cost little more than one. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "cli/serve/serve.h"

/* GATHERED: samples that are copied together; more of them gain nothing. GRAIN: the least for a thread of its own. */
enum { GATHERED = 256, GRAIN = 256 };

struct batch {
    const struct served *served;
    unsigned threads;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t added;
    struct job *first, **last;
    bool ending;

    float *values, *output; /* of GATHERED samples */
    uint32_t *label;
};

/* ---- One prediction ---- */

struct work {
    const struct served *served;
    const struct samples *samples;
    atomic_int status;
};

static void predict_slice(struct team_member member, void *context) {
    struct work *work = context;
    const struct samples *samples = work->samples;
    size_t begin, end;
    team_slice(member, samples->count, GRAIN, &begin, &end);
    if (begin == end)
        return;
    minnow_status status = minnow_network_predict(
        work->served->network, samples->values + begin * work->served->features, end - begin,
        samples->label + begin, samples->output + begin * work->served->outputs);
    if (status != MINNOW_OK)
        atomic_store(&work->status, (int)status);
}

static minnow_status predict(const struct batch *batch, const struct samples *samples) {
    struct work work = {batch->served, samples, MINNOW_OK};
    size_t grains = (samples->count + GRAIN - 1) / GRAIN;
    team_run((unsigned)(grains < batch->threads ? grains : batch->threads), predict_slice, &work);
    return (minnow_status)atomic_load(&work.status);
}

/* ---- Jobs ---- */

static void finish(struct job *job, minnow_status status) {
    job->status = status;
    job->done(job);
}

/* Jobs from `job` on whose samples fit together; at least one. */
static size_t fitting(const struct job *job, size_t *samples) {
    size_t jobs = 0;
    for (*samples = 0; job != NULL && (jobs == 0 || *samples + job->samples->count <= GATHERED);
         job = job->next) {
        *samples += job->samples->count;
        jobs++;
    }
    return jobs;
}

/* Predicts some jobs at once. Returns the first that is left. */
static struct job *predict_some(struct batch *batch, struct job *job) {
    const size_t features = batch->served->features, outputs = batch->served->outputs;
    size_t count, jobs = fitting(job, &count);
    if (jobs == 1) {
        struct job *next = job->next;
        finish(job, predict(batch, job->samples));
        return next;
    }

    struct samples all = {count, batch->values, batch->label, batch->output};
    size_t at = 0;
    const struct job *from = job;
    for (size_t i = 0; i < jobs; i++, from = from->next) {
        memcpy(all.values + at * features, from->samples->values,
               from->samples->count * features * sizeof *all.values);
        at += from->samples->count;
    }
    minnow_status status = predict(batch, &all);

    at = 0;
    for (size_t i = 0; i < jobs; i++) {
        struct samples *own = job->samples;
        struct job *next = job->next;
        memcpy(own->label, all.label + at, own->count * sizeof *own->label);
        memcpy(own->output, all.output + at * outputs, own->count * outputs * sizeof *own->output);
        at += own->count;
        finish(job, status);
        job = next;
    }
    return job;
}

static void *run(void *context) {
    struct batch *batch = context;
    pthread_mutex_lock(&batch->lock);
    while (batch->first != NULL || !batch->ending) {
        if (batch->first == NULL) {
            pthread_cond_wait(&batch->added, &batch->lock);
            continue;
        }
        struct job *job = batch->first;
        batch->first = NULL;
        batch->last = &batch->first;

        pthread_mutex_unlock(&batch->lock);
        while (job != NULL)
            job = predict_some(batch, job);
        pthread_mutex_lock(&batch->lock);
    }
    pthread_mutex_unlock(&batch->lock);
    return NULL;
}

bool batch_add(struct batch *batch, struct job *job) {
    job->next = NULL;
    pthread_mutex_lock(&batch->lock);
    bool open = !batch->ending;
    if (open) {
        *batch->last = job;
        batch->last = &job->next;
        pthread_cond_signal(&batch->added);
    }
    pthread_mutex_unlock(&batch->lock);
    return open;
}

/* ---- The thread ---- */

static void release(struct batch *batch) {
    memory_free(batch->values);
    memory_free(batch->output);
    memory_free(batch->label);
    free(batch);
}

minnow_status batch_start(const struct served *served, unsigned threads, struct batch **out) {
    struct batch *batch = calloc(1, sizeof *batch);
    *out = NULL;
    if (batch == NULL)
        return fail_memory("the server");
    *batch = (struct batch){.served = served, .threads = threads};
    batch->last = &batch->first;
    batch->values = memory_allocate(GATHERED * served->features, sizeof *batch->values);
    batch->output = memory_allocate(GATHERED * served->outputs, sizeof *batch->output);
    batch->label = memory_allocate(GATHERED, sizeof *batch->label);
    pthread_mutex_init(&batch->lock, NULL);
    pthread_cond_init(&batch->added, NULL);
    if (batch->values == NULL || batch->output == NULL || batch->label == NULL ||
        pthread_create(&batch->thread, NULL, run, batch) != 0) {
        release(batch);
        return fail_memory("the server");
    }
    *out = batch;
    return MINNOW_OK;
}

void batch_end(struct batch *batch) {
    pthread_mutex_lock(&batch->lock);
    batch->ending = true;
    pthread_cond_signal(&batch->added);
    pthread_mutex_unlock(&batch->lock);
    pthread_join(batch->thread, NULL);
}

void batch_free(struct batch *batch) {
    if (batch == NULL)
        return;
    pthread_cond_destroy(&batch->added);
    pthread_mutex_destroy(&batch->lock);
    release(batch);
}
