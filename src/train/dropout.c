#include "train/dropout.h"

#include "base/memory.h"
#include "base/status.h"
#include "train/draws.h"

double dropout_share(const minnow_training_config *config, size_t layer) {
    if (layer == 0)
        return config->input_dropout;
    if (config->dropout_count == 0)
        return 0.0;
    return config->dropout[config->dropout_count == 1 ? 0 : layer - 1];
}

struct dropout dropout_of(const minnow_training_config *config, size_t layer) {
    double share = dropout_share(config, layer);
    return (struct dropout){
        .share = (float)share,
        .scale = (float)(1.0 / (1.0 - share)),
        .seed = config->seed,
        .purpose = RANDOM_DROPOUT + (uint32_t)layer,
    };
}

minnow_status dropout_open(size_t batch, size_t units, struct dropout *dropout) {
    dropout->units = units;
    dropout->stride = size_round_up(units, CACHE_LINE);
    dropout->output.stride = size_round_up(units, CACHE_LINE_FLOATS);
    dropout->kept = memory_allocate(batch, dropout->stride);
    dropout->output.data = memory_allocate(batch * dropout->output.stride, sizeof *dropout->output.data);
    return dropout->kept != NULL && dropout->output.data != NULL ? MINNOW_OK : fail_memory("dropout");
}

void dropout_close(struct dropout *dropout) {
    memory_free(dropout->kept);
    memory_free(dropout->output.data);
    *dropout = (struct dropout){0};
}

/* A few samples at a time: the kernels take a row of draws for each. */
void dropout_forward(struct dropout *dropout, const struct kernels *kernels, const struct minibatch *batch,
                     struct range samples, const struct matrix *given) {
    enum { TOGETHER = 16 };
    uint32_t draws[TOGETHER][DRAWS_WORDS];
    for (size_t first = samples.begin; first < samples.end; first += TOGETHER) {
        size_t count = size_min(TOGETHER, samples.end - first);
        for (size_t i = 0; i < count; i++)
            draws_of(dropout->seed, dropout->purpose, batch,
                     minibatch_sample(batch, batch->position + first + i), draws[i]);

        uint8_t *kept = dropout->kept + first * dropout->stride;
        kernels->draw_kept(count, dropout->units, draws[0], dropout->share, kept, dropout->stride);
        kernels->keep(count, dropout->units, kept, dropout->stride, dropout->scale,
                      given->data + first * given->stride, given->stride,
                      dropout->output.data + first * dropout->output.stride, dropout->output.stride);
    }
}

void dropout_backward(const struct dropout *dropout, const struct kernels *kernels, struct range samples,
                      const struct matrix *delta) {
    float *d = delta->data + samples.begin * delta->stride;
    kernels->keep(samples.end - samples.begin, dropout->units,
                  dropout->kept + samples.begin * dropout->stride, dropout->stride, dropout->scale, d,
                  delta->stride, d, delta->stride);
}
