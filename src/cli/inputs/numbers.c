#include "cli/inputs/numbers.h"

#include <math.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "base/team.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"

enum { BLOCK = 256 };

struct running {
    const minnow_network *network;
    const minnow_dataset *dataset;
    float *outputs;
    atomic_bool failed;
};

/* Bytes become features in blocks; features that are floats are where they are. */
static void run_slice(struct team_member member, void *context) {
    struct running *r = context;
    const minnow_dataset *dataset = r->dataset;
    size_t begin, end, n = dataset->features;
    team_slice(member, dataset->count, BLOCK, &begin, &end);
    float *block = dataset->bytes != NULL ? memory_allocate(BLOCK * n, sizeof *block) : NULL;
    bool failed = dataset->bytes != NULL && block == NULL;

    for (size_t first = begin; first < end && !failed; first += BLOCK) {
        size_t count = size_min(BLOCK, end - first);
        for (size_t i = 0; block != NULL && i < count * n; i++)
            block[i] = (float)dataset->bytes[first * n + i] * dataset->scale;
        const float *inputs = block != NULL ? block : dataset->values + first * n;
        failed = minnow_network_predict(r->network, inputs, count, NULL, r->outputs + first) != MINNOW_OK;
    }
    memory_free(block);
    if (failed)
        atomic_store(&r->failed, true);
}

/* In sample order and in double, whatever the threads. */
static void sum_up(const struct running *r, const struct encoder *encoder, struct number_scores *out) {
    const minnow_dataset *dataset = r->dataset;
    double squares = 0, absolutes = 0, sum = 0, variance = 0, count = (double)dataset->count;
    for (size_t i = 0; i < dataset->count; i++) {
        double error = ((double)r->outputs[i] - (double)dataset->targets[i]) * (double)encoder->target_spread;
        squares += error * error;
        absolutes += fabs(error);
        sum += number_of(encoder, dataset->targets[i]);
    }
    for (size_t i = 0; i < dataset->count; i++) {
        double deviation = number_of(encoder, dataset->targets[i]) - sum / count;
        variance += deviation * deviation;
    }
    *out = (struct number_scores){sqrt(squares / count), absolutes / count,
                                  variance > 0 ? 1 - squares / variance : NAN};
}

int number_scores_of(const minnow_network *network, const minnow_dataset *dataset,
                     const struct encoder *encoder, unsigned threads, float *outputs,
                     struct number_scores *out) {
    struct running r = {.network = network, .dataset = dataset};
    *out = (struct number_scores)NUMBER_SCORES_UNKNOWN;
    r.outputs = outputs != NULL ? outputs : memory_allocate(dataset->count, sizeof *r.outputs);
    if (r.outputs != NULL)
        team_run((unsigned)size_min(team_threads(threads), (dataset->count + BLOCK - 1) / BLOCK), run_slice,
                 &r);
    int status = STATUS_SUCCESS;
    if (r.outputs == NULL || r.failed)
        status = problem(STATUS_FAILURE, "not enough memory for %zu predictions", dataset->count);
    else
        sum_up(&r, encoder, out);
    if (outputs == NULL)
        memory_free(r.outputs);
    return status;
}
