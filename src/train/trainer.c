#include "train/trainer.h"

#include <math.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "base/sized.h"
#include "base/status.h"
#include "train/checkpoint.h"
#include "train/schedule.h"

enum { MAX_BATCH = 65536 };

static const minnow_training_config DEFAULTS = {
    .struct_size = sizeof(minnow_training_config),
    .batch = 64,
    .epochs = 10,
    .optimizer = MINNOW_OPTIMIZER_SGD,
    .learning_rate = 0.3,
    .schedule = MINNOW_SCHEDULE_LINEAR,
    .shuffle = true,
    .seed = 1,
};

void minnow_progress_init(minnow_progress *progress, size_t size) {
    sized_init(progress, size, &(minnow_progress){0}, sizeof(minnow_progress));
}

void minnow_training_config_init(minnow_training_config *config, size_t size) {
    sized_init(config, size, &DEFAULTS, sizeof DEFAULTS);
}

minnow_status trainer_check_config(const minnow_training_config *config) {
    if (config->batch < 1 || config->batch > MAX_BATCH)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: batch %zu, expected 1 to %d", config->batch,
                    MAX_BATCH);
    if (config->epochs < 1 || config->epochs > UINT32_MAX)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: %zu epochs, expected 1 to %u", config->epochs,
                    UINT32_MAX);
    if (!isfinite(config->learning_rate) || config->learning_rate <= 0.0 || config->learning_rate > 1e30)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: learning rate %g, expected a number above 0",
                    config->learning_rate);
    if ((unsigned)config->schedule > MINNOW_SCHEDULE_COSINE)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no schedule %d", (int)config->schedule);
    if (!(config->warmup_epochs >= 0.0 && config->warmup_epochs <= (double)config->epochs))
        return fail(MINNOW_ERROR_ARGUMENT, "training config: warm-up of %g epochs, expected 0 to %zu",
                    config->warmup_epochs, config->epochs);
    if ((unsigned)config->sparse > MINNOW_SPARSITY_OFF)
        return fail(MINNOW_ERROR_ARGUMENT, "training config: no sparsity %d", (int)config->sparse);
    return MINNOW_OK;
}

/* Samples in the largest mini-batch there will be. */
static size_t largest_batch(const minnow_trainer *trainer) {
    return size_min(trainer->config.batch, trainer->dataset->count);
}

/* ---- Memory ---- */

void trainer_transpose(minnow_trainer *trainer) {
    const minnow_network *network = trainer->network;
    for (size_t l = 1; l < network->layer_count; l++) {
        struct matrix w = parameters_weights(network->parameters, l);
        network->kernels->transpose(network->layers[l].inputs, network->layers[l].outputs, w.data, w.stride,
                                    trainer->transposed[l].data, trainer->transposed[l].stride);
    }
}

/* Cuts the next `rows` rows of `stride` floats from the arena, or only counts them while there is none. */
static float *cut(const minnow_trainer *trainer, size_t *used, size_t rows, size_t stride) {
    size_t at = *used;
    *used += rows * stride;
    return trainer->arena != NULL ? trainer->arena + at : NULL;
}

/* At most 2^16 rows, 2^16 wide, a few for each of 2^6 layers: no overflow of 64 bits. */
static size_t lay_out(minnow_trainer *trainer, size_t batch) {
    const minnow_network *network = trainer->network;
    size_t used = 0;
    trainer->input_stride = size_round_up(network->layers[0].inputs, CACHE_LINE_FLOATS);
    if (trainer->form == INPUT_FLOATS)
        trainer->input = cut(trainer, &used, batch, trainer->input_stride);
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        trainer->stride[l] = size_round_up(layer->outputs, CACHE_LINE_FLOATS);
        trainer->delta[l] = cut(trainer, &used, batch, trainer->stride[l]);
        if (l + 1 < network->layer_count)
            trainer->activation[l] = cut(trainer, &used, batch, trainer->stride[l]);
        if (l > 0) {
            trainer->transposed[l].stride = parameters_padded_stride(layer->inputs);
            trainer->transposed[l].data = cut(trainer, &used, layer->outputs, trainer->transposed[l].stride);
        }
    }
    trainer->loss = cut(trainer, &used, 1, size_round_up(batch, CACHE_LINE_FLOATS));
    return used;
}

static minnow_status allocate(minnow_trainer *trainer) {
    size_t batch = largest_batch(trainer);
    trainer->arena = memory_allocate(lay_out(trainer, batch), sizeof(float));
    trainer->label = memory_allocate(batch, sizeof(uint32_t));
    trainer->predicted = memory_allocate(batch, sizeof(uint32_t));
    if (trainer->config.shuffle)
        trainer->order = memory_allocate(trainer->dataset->count, sizeof(uint32_t));
    if (trainer->arena == NULL || trainer->label == NULL || trainer->predicted == NULL ||
        (trainer->config.shuffle && trainer->order == NULL))
        return fail_memory("training");
    lay_out(trainer, batch);
    trainer_transpose(trainer);
    return MINNOW_OK;
}

/* ---- Threads ---- */

/* The work of phase 2 up to each grain of rows; before the first, that of step_account. */
static minnow_status plan_update(minnow_trainer *trainer) {
    const minnow_network *network = trainer->network;
    for (size_t l = 0; l < network->layer_count; l++)
        trainer->grains += size_round_up(network->layers[l].inputs, ROW_GRAIN) / ROW_GRAIN;
    trainer->cost = memory_allocate(trainer->grains + 1, sizeof *trainer->cost);
    uint32_t *nonzeros = memory_allocate(trainer->dataset->features, sizeof *nonzeros);
    if (trainer->cost == NULL || nonzeros == NULL) {
        memory_free(nonzeros);
        return fail_memory("training");
    }
    double count = 1.0;
    if (trainer->form != INPUT_FLOATS)
        count = (double)nonzeros_by_feature(trainer->dataset, nonzeros);
    double total = cost_account(largest_batch(trainer));
    size_t g = 0;
    trainer->cost[0] = total;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        enum input_form form = l == 0 ? trainer->form : INPUT_FLOATS;
        for (size_t i = 0; i < layer->inputs; i++) {
            double filled = form != INPUT_FLOATS ? (double)nonzeros[i] / count : 1.0;
            total += cost_row_update(layer, l > 0, largest_batch(trainer), form, filled);
            if ((i + 1) % ROW_GRAIN == 0 || i + 1 == layer->inputs)
                trainer->cost[++g] = total;
        }
    }
    memory_free(nonzeros);
    return MINNOW_OK;
}

/* Sparse or dense, and how many threads. `threads`: exactly so many, or 0: as many as pay, and never more
   than there are processors, since each step waits for the last of them. */
static void choose_ways(minnow_trainer *trainer, unsigned threads) {
    const minnow_training_config *config = &trainer->config;
    size_t batch = largest_batch(trainer);
    double density = config->sparse == MINNOW_SPARSITY_OFF ? 1.0 : nonzeros_density(trainer->dataset);
    /* A mini-batch of one has no time to find its nonzeros: they are listed beforehand, bytes' too. */
    enum input_form form = trainer->dataset->bytes != NULL && batch > 1 ? INPUT_BYTES : INPUT_LISTS;
    bool sparse = config->sparse == MINNOW_SPARSITY_ON;
    if (config->sparse == MINNOW_SPARSITY_AUTO)
        sparse = cost_sparse_pays(trainer->network, batch, form, density);
    trainer->form = sparse ? form : INPUT_FLOATS;
    trainer->threads = team_threads(threads);
    if (config->batch == 1)
        trainer->threads = 1;
    else if (threads == 0)
        trainer->threads =
            cost_best_threads(trainer->network, batch, trainer->form, density,
                              (unsigned)size_min(team_threads(config->threads), team_processors()));
}

minnow_status trainer_create(minnow_network *network, const minnow_dataset *dataset,
                             const minnow_training_config *given, unsigned threads, minnow_trainer **out) {
    *out = NULL;
    minnow_training_config own = DEFAULTS;
    const minnow_training_config *config = &own;
    minnow_status status = sized_read("training config", given, &own, sizeof own);
    if (status == MINNOW_OK)
        status = trainer_check_config(config);
    if (status == MINNOW_OK)
        status = network_check_data(network, dataset->features, dataset->classes);
    if (status != MINNOW_OK)
        return status;
    minnow_trainer *trainer = memory_allocate(1, sizeof *trainer);
    if (trainer == NULL)
        return fail_memory("a trainer");
    trainer->network = network;
    trainer->dataset = dataset;
    trainer->config = *config;
    trainer->steps_per_epoch = (dataset->count - 1) / config->batch + 1;
    choose_ways(trainer, threads);
    if (trainer->form == INPUT_BYTES)
        status = byte_batch_create(dataset, largest_batch(trainer), &trainer->bytes);
    else if (trainer->form == INPUT_LISTS)
        status = sparse_batch_create(dataset, largest_batch(trainer), config->threads, trainer->threads,
                                     &trainer->sparse);
    if (status != MINNOW_OK && config->sparse == MINNOW_SPARSITY_AUTO) {
        trainer->form = INPUT_FLOATS; /* gives the same, and lists may take more memory */
        status = MINNOW_OK;
    }
    if (status == MINNOW_OK)
        status = allocate(trainer);
    if (status == MINNOW_OK)
        status = plan_update(trainer);
    if (status != MINNOW_OK) {
        minnow_trainer_free(trainer);
        return status;
    }
    *out = trainer;
    return MINNOW_OK;
}

minnow_status minnow_trainer_create(minnow_network *network, const minnow_dataset *dataset,
                                    const minnow_training_config *config, minnow_trainer **out) {
    minnow_status status = trainer_create(network, dataset, config, 0, out);
    if (status == MINNOW_OK)
        checkpoint_forget(network); /* what it tells will no longer be so */
    return status;
}

void minnow_trainer_free(minnow_trainer *trainer) {
    if (trainer == NULL)
        return;
    byte_batch_free(&trainer->bytes);
    sparse_batch_free(&trainer->sparse);
    memory_free(trainer->cost);
    memory_free(trainer->arena);
    memory_free(trainer->label);
    memory_free(trainer->predicted);
    memory_free(trainer->order);
    memory_free(trainer);
}

unsigned minnow_trainer_threads(const minnow_trainer *trainer) {
    return trainer->threads;
}

void minnow_trainer_stop(minnow_trainer *trainer) {
    atomic_store(&trainer->stop, true);
}

/* ---- The loop ---- */

/* Fisher and Yates's shuffle (Knuth, TAOCP 2, algorithm P). A 32-bit draw scaled to i + 1 choices is off from
   uniform by less than count / 2^32. */
static void shuffle(uint32_t *order, size_t count, uint64_t seed, size_t epoch) {
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    struct random_block block = {{0}};
    for (size_t i = 1; i < count; i++) {
        if (i % 4 == 0 || i == 1)
            block = random_draw(seed, RANDOM_SHUFFLE, (uint32_t)epoch, 0, (uint32_t)(i / 4));
        size_t j = (size_t)(((uint64_t)block.word[i % 4] * (i + 1)) >> 32);
        uint32_t swap = order[i];
        order[i] = order[j];
        order[j] = swap;
    }
}

void trainer_begin_epoch(minnow_trainer *trainer) {
    if (trainer->order != NULL)
        shuffle(trainer->order, trainer->dataset->count, trainer->config.seed, trainer->epoch);
}

/* What one call of advance covers; each member walks through it by itself. */
struct run {
    minnow_trainer *trainer;
    size_t begin, end;   /* positions in the epoch */
    uint64_t first_step; /* of the whole training, at begin */
    size_t reached;      /* where thread 0 stopped */
};

static struct step step_at(const minnow_trainer *trainer, size_t position, uint64_t index) {
    const minnow_training_config *config = &trainer->config;
    size_t m = size_min(config->batch, trainer->dataset->count - position);
    double steps = (double)trainer->steps_per_epoch;
    double rate = schedule_rate(config->schedule, config->learning_rate, config->warmup_epochs * steps, index,
                                trainer->steps_per_epoch * config->epochs);
    return (struct step){.position = position, .m = m, .rate = (float)rate, .scale = 1.0f / (float)m};
}

static void run_member(struct team_member member, void *context) {
    struct run *run = context;
    minnow_trainer *trainer = run->trainer;
    uint64_t index = run->first_step;
    size_t position = run->begin;
    while (position < run->end) {
        struct step step = step_at(trainer, position, index++);
        if (trainer->config.batch == 1) {
            step_one(trainer, &step);
        } else {
            size_t begin, end;
            team_slice(member, step.m, 1, &begin, &end);
            if (begin < end)
                step_propagate(trainer, &step, begin, end);
            team_barrier(member);
            step_update(trainer, &step, member);
        }
        position += step.m;
        if (member.index == 0) {
            step_account(trainer, &step);
            trainer->last_rate = (double)step.rate;
            trainer->halt = atomic_load_explicit(&trainer->stop, memory_order_relaxed);
            run->reached = position;
        }
        team_barrier(member);
        if (trainer->halt)
            return;
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void minnow_trainer_progress(const minnow_trainer *trainer, minnow_progress *progress) {
    double done = trainer->position > 0 ? (double)trainer->position : 1.0;
    minnow_progress own = {
        .epoch = trainer->epoch + 1,
        .epoch_samples = trainer->position,
        .epoch_done = trainer->position == trainer->dataset->count,
        .train_loss = trainer->loss_sum / done,
        .train_accuracy = (double)trainer->correct / done,
        .epoch_seconds = trainer->seconds,
        .learning_rate = trainer->last_rate,
    };
    own.run_done = own.epoch_done && own.epoch == trainer->config.epochs;
    sized_write(&own, sizeof own, progress);
}

static void next_epoch(minnow_trainer *trainer) {
    trainer->epoch++;
    trainer->position = 0;
    trainer->loss_sum = 0.0;
    trainer->correct = 0;
    trainer->seconds = 0.0;
}

/* Advances by at least one mini-batch, within the epoch under way. */
static void advance(minnow_trainer *trainer, size_t max_samples) {
    size_t count = trainer->dataset->count;
    struct run run = {
        .trainer = trainer, .begin = trainer->position, .end = count, .reached = trainer->position};
    run.first_step = trainer->epoch * trainer->steps_per_epoch + trainer->position / trainer->config.batch;
    if (max_samples != 0 && max_samples < count - run.begin)
        run.end = run.begin + max_samples;
    team_run(trainer->threads, run_member, &run);
    atomic_store(&trainer->stop, false);
    trainer->position = run.reached;
}

minnow_status minnow_trainer_advance(minnow_trainer *trainer, size_t max_samples, minnow_progress *progress) {
    double start = now();
    bool epoch_done = trainer->position == trainer->dataset->count;
    if (epoch_done && trainer->epoch + 1 == trainer->config.epochs) {
        sized_write(&(minnow_progress){0}, sizeof(minnow_progress), progress);
        return fail(MINNOW_ERROR_ARGUMENT, "training is over after %zu epochs", trainer->config.epochs);
    }
    if (epoch_done)
        next_epoch(trainer);
    if (trainer->position == 0)
        trainer_begin_epoch(trainer);
    trainer_transpose(trainer);
    advance(trainer, max_samples);
    trainer->seconds += now() - start;
    minnow_trainer_progress(trainer, progress);
    if (trainer->position == trainer->dataset->count && !isfinite(trainer->loss_sum))
        return fail(
            MINNOW_ERROR_DIVERGED,
            "training diverged in epoch %zu: the loss is no longer finite; try a lower learning rate than %g",
            trainer->epoch + 1, trainer->config.learning_rate);
    return MINNOW_OK;
}
