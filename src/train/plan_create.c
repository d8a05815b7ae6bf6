/* Compiling a plan: kinds, threads, memory, shares. */
#include "base/status.h"
#include "data/preprocessing/nonzeros.h"
#include "train/optimizers.h"
#include "train/ranks.h"

/* Every way to carry out a layer. Where two cost the same, the first is taken. */
static const struct stage_kind *const KINDS[] = {&stage_dense, &stage_bytes,      &stage_lists,
                                                 &stage_one,   &stage_one_listed, &stage_units};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

/* ---- Kinds ---- */

static bool allowed(const struct stage_kind *kind, const struct stage_request *request,
                    minnow_sparsity sparsity) {
    if (!kind->fits(request))
        return false;
    if (request->layer > 0 || sparsity == MINNOW_SPARSITY_AUTO)
        return true;
    return kind->skips_zeros == (sparsity == MINNOW_SPARSITY_ON);
}

/* The kind whose products cost least. Every request fits a kind that reads floats (dense, one), and a first
   layer's also one that skips zeros by bytes or lists. */
static const struct stage_kind *choose_kind(const struct stage_request *request, minnow_sparsity sparsity) {
    const struct stage_kind *best = NULL;
    double least = 0.0;
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (!allowed(KINDS[k], request, sparsity))
            continue;
        double work = KINDS[k]->product_work(request, request->density);
        if (best == NULL || work < least) {
            best = KINDS[k];
            least = work;
        }
    }
    return best;
}

/* The share of a layer's inputs that are not 0. Of relu's outputs about a half are; only where dropout makes more of them 0
   is it worth looking for them. */
static double density_of(const struct plan *plan, const minnow_training_config *config, size_t layer) {
    double kept = 1.0 - dropout_share(config, layer);
    if (layer == 0)
        return perturbation_fills(config) ? kept : plan->density * kept;
    bool half = plan->network->layers[layer - 1].activation == MINNOW_ACTIVATION_RELU;
    return kept == 1.0 ? 1.0 : half ? 0.5 * kept : kept;
}

static void choose_kinds(struct plan *plan, const minnow_training_config *config) {
    for (size_t l = 0; l < plan->stage_count; l++) {
        struct stage_choice *choice = &plan->choices[l];
        choice->request = (struct stage_request){
            .network = plan->network,
            .dataset = plan->dataset,
            .layer = l,
            .batch = plan->batch,
            .distorted = config->distortion != NULL,
            .filled = perturbation_fills(config),
            .dropped = dropout_share(config, l) > 0.0,
            .density = density_of(plan, config, l),
            .indexing = config->threads,
            .applying = optimizer_rows[config->optimizer].work,
        };
        choice->kind = choose_kind(&choice->request, config->sparse);
    }
}

static void choose_threads(struct plan *plan, const minnow_training_config *config, unsigned threads) {
    unsigned most = (unsigned)size_min(team_threads(config->threads), team_processors());
    if (plan->batch == 1)
        plan->threads = 1;
    else if (threads == 0)
        plan->threads = cost_best_threads(plan->choices, plan->stage_count, most);
    else
        plan->threads = team_threads(threads);
    for (size_t l = 0; l < plan->stage_count; l++)
        plan->choices[l].request.threads = plan->threads;
}

static minnow_status open_distortion(struct plan *plan, const minnow_training_config *config) {
    if (config->distortion == NULL)
        return MINNOW_OK;
    return distortion_create(config->distortion, plan->dataset, plan->network->kernels, config->seed,
                             plan->threads, &plan->distortion);
}

static minnow_status open_perturbation(struct plan *plan, const minnow_training_config *config) {
    if (!perturbation_needed(config))
        return MINNOW_OK;
    return perturbation_create(config, plan->dataset, plan->distortion, plan->network->kernels, plan->threads,
                               &plan->perturbation);
}

/* ---- Memory ---- */

/* Cuts the next [rows][stride] from the arena, or only counts its floats while there is none. */
static struct matrix cut(const struct stage *stage, size_t *used, size_t rows, size_t stride) {
    size_t at = *used;
    *used += rows * stride;
    return (struct matrix){stage->arena != NULL ? stage->arena + at : NULL, stride};
}

/* At most 2^16 rows, 2^16 wide, a few for each stage: no overflow of 64 bits. */
static size_t lay_out(struct stage *stage, size_t batch) {
    size_t used = 0, width = size_round_up(stage->outputs, CACHE_LINE_FLOATS);
    bool keeps_sums = activation_derivative_needs_input(stage->activation);

    if (stage->before != NULL) {
        stage->input =
            stage->before->dropout.share > 0.0f ? stage->before->dropout.output : stage->before->output;
        stage->transposed = cut(stage, &used, stage->outputs, parameters_padded_stride(stage->inputs));
    } else if (!stage->kind->gathers_itself) {
        stage->input = cut(stage, &used, batch, size_round_up(stage->inputs, CACHE_LINE_FLOATS));
    }
    stage->output = cut(stage, &used, batch, width);
    stage->sums = keeps_sums ? cut(stage, &used, batch, width) : stage->output;
    return used;
}

/* The last stage's delta takes the place of its logits. */
static size_t lay_out_delta(struct stage *stage, size_t batch, bool last, size_t used) {
    stage->delta = last ? stage->output : cut(stage, &used, batch, stage->output.stride);
    return used;
}

/* Where the sums over a mini-batch end. */
static void choose_targets(const struct plan *plan, size_t l, struct stage *stage) {
    const minnow_network *network = plan->network;
    stage->to = slots_weights(&plan->slots, network, l);
    stage->biases_to = slots_biases(&plan->slots, network, l);
    bool changes_last = !plan_clips(plan) && !plan_limits(plan) && !sub_batches_are_shared(&plan->sub);
    stage->renews_copy = l > 0 && changes_last;
    stage->stores_gradient = plan_clips(plan);
    if (plan_limits(plan))
        stage->to.average = NULL; /* which takes in the weights when they are limited */
    if (!stage->stores_gradient)
        return;

    const struct parameters *gradient = plan->slots.of[SLOT_GRADIENT];
    stage->to = (struct trained){.w = parameters_weights(gradient, l).data, .ld = stage->to.ld};
    stage->biases_to = (struct trained){.w = parameters_biases(gradient, l), .ld = stage->biases_to.ld};
}

static minnow_status open_stage(struct plan *plan, const minnow_training_config *config, size_t l) {
    const struct layer *layer = &plan->network->layers[l];
    const struct stage_choice *choice = &plan->choices[l];
    struct stage *stage = &plan->stages[l];
    *stage = (struct stage){
        .kind = choice->kind,
        .kernels = plan->network->kernels,
        .dataset = plan->dataset,
        .distortion = plan->distortion,
        .perturbation = plan->perturbation,
        .inputs = layer->inputs,
        .outputs = layer->outputs,
        .activation = network_kernel_activation(plan->network, l),
        .before = l > 0 ? &plan->stages[l - 1] : NULL,
        .weights = parameters_weights(plan->network->parameters, l),
        .biases = parameters_biases(plan->network->parameters, l),
    };

    choose_targets(plan, l, stage);

    bool last = l + 1 == plan->stage_count;
    minnow_status status = MINNOW_OK;
    if (!last && dropout_share(config, l + 1) > 0.0) {
        stage->dropout = dropout_of(config, l + 1);
        status = dropout_open(plan->batch, layer->outputs, &stage->dropout);
    }
    if (status != MINNOW_OK)
        return status;
    size_t floats = lay_out_delta(stage, plan->batch, last, lay_out(stage, plan->batch));
    stage->arena = memory_allocate(floats, sizeof *stage->arena);
    if (stage->arena == NULL)
        return fail_memory("training");
    lay_out_delta(stage, plan->batch, last, lay_out(stage, plan->batch));
    return stage->kind->open(stage, &choice->request);
}

static void close_stage(struct stage *stage) {
    if (stage->kind != NULL)
        stage->kind->close(stage);
    dropout_close(&stage->dropout);
    memory_free(stage->arena);
    *stage = (struct stage){0};
}

static minnow_status open_stages(struct plan *plan, const minnow_training_config *config) {
    minnow_status status = open_stage(plan, config, 0);
    if (status != MINNOW_OK && config->sparse == MINNOW_SPARSITY_AUTO && plan->choices[0].kind->skips_zeros) {
        /* Listing nonzeros may take more memory than there is; multiplying them gives the same. */
        close_stage(&plan->stages[0]);
        plan->choices[0].kind = choose_kind(&plan->choices[0].request, MINNOW_SPARSITY_OFF);
        status = open_stage(plan, config, 0);
    }
    for (size_t l = 1; status == MINNOW_OK && l < plan->stage_count; l++)
        status = open_stage(plan, config, l);
    return status;
}

static minnow_status allocate_results(struct plan *plan) {
    plan->shares = memory_allocate(plan->threads, sizeof *plan->shares);
    if (plan->shares == NULL)
        return fail_memory("training");
    for (size_t l = 0; l < plan->stage_count; l++)
        plan->square_count += plan->stages[l].inputs + 1;
    if (plan_clips(plan))
        plan->squares = memory_allocate(plan->square_count, sizeof *plan->squares);
    return !plan_clips(plan) || plan->squares != NULL ? MINNOW_OK : fail_memory("training");
}

/* ---- Shares ---- */

/* Rows of weights that one thread updates together: a whole cache line of the transposed copy. */
enum { ROW_GRAIN = 16 };

static size_t grains_of(const struct stage *stage) {
    return (stage->inputs + ROW_GRAIN - 1) / ROW_GRAIN;
}

/* The work of the update phase up to each grain, all stages' rows standing in one line; before the first, that
   of adding up the losses, which the first thread does. `total` has an element more than there are grains. */
static minnow_status update_work(const struct plan *plan, double *total) {
    uint32_t *nonzeros = memory_allocate(plan->dataset->features, sizeof *nonzeros);
    if (nonzeros == NULL)
        return fail_memory("training");

    double samples = 1.0, work = cost_account(plan->batch);
    if (plan->stages[0].kind->skips_zeros)
        samples = (double)nonzeros_by_feature(plan->dataset, nonzeros);

    *total++ = work;
    for (size_t l = 0; l < plan->stage_count; l++) {
        const struct stage_choice *choice = &plan->choices[l];
        for (size_t i = 0; i < plan->stages[l].inputs; i++) {
            double filled = l == 0 ? (double)nonzeros[i] / samples : choice->request.density;
            work += choice->kind->update_work(&choice->request, filled);
            if ((i + 1) % ROW_GRAIN == 0 || i + 1 == plan->stages[l].inputs)
                *total++ = work;
        }
    }
    memory_free(nonzeros);
    return MINNOW_OK;
}

/* The first grain before which at least share / count of the whole work lies. */
static size_t grain_at_share(const double *total, size_t grains, unsigned share, unsigned count) {
    double bound = total[grains] * share / count;
    size_t low = 0, high = grains;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (total[middle] < bound)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A thread's rows: those of grains [from, to) of the line. */
static void share_rows(const struct plan *plan, size_t from, size_t to, struct share *share) {
    size_t place = 0;
    for (size_t l = 0; l < plan->stage_count; l++) {
        size_t grains = grains_of(&plan->stages[l]), inputs = plan->stages[l].inputs;
        size_t first = from > place ? size_min(from - place, grains) : 0;
        size_t last = to > place ? size_min(to - place, grains) : 0;
        share->rows[l] =
            (struct range){size_min(first * ROW_GRAIN, inputs), size_min(last * ROW_GRAIN, inputs)};
        place += grains;
    }
}

/* Of the samples of a mini-batch of `count` that are propagated here. */
static struct range share_samples(const struct plan *plan, struct team_member member, size_t count) {
    struct range own = sub_batches_samples(plan->sub.count, plan->sub.first, plan->sub.end, count), range;
    team_slice(member, own.end - own.begin, 1, &range.begin, &range.end);
    return (struct range){own.begin + range.begin, own.begin + range.end};
}

static minnow_status compute_shares(struct plan *plan) {
    size_t grains = 0, rest = plan->dataset->count % plan->batch;
    for (size_t l = 0; l < plan->stage_count; l++)
        grains += grains_of(&plan->stages[l]);
    double *total = memory_allocate(grains + 1, sizeof *total);
    if (total == NULL)
        return fail_memory("training");

    minnow_status status = update_work(plan, total);
    for (unsigned t = 0; status == MINNOW_OK && t < plan->threads; t++) {
        struct share *share = &plan->shares[t];
        struct team_member member = {t, plan->threads, NULL};
        size_t from = grain_at_share(total, grains, t, plan->threads);
        size_t to = t + 1 == plan->threads ? grains : grain_at_share(total, grains, t + 1, plan->threads);
        share->samples = share_samples(plan, member, plan->batch);
        share->rest = share_samples(plan, member, rest);
        share_rows(plan, from, to, share);
        for (size_t l = 0; l < plan->stage_count; l++)
            share->biases[l] = l % plan->threads == t;
        for (size_t l = 0; l < plan->stage_count; l++)
            team_slice(member, plan->stages[l].outputs, CACHE_LINE_FLOATS, &share->columns[l].begin,
                       &share->columns[l].end);
    }
    memory_free(total);
    return status;
}

/* ---- The whole ---- */

void plan_refresh(struct plan *plan) {
    if (plan->version == parameters_version(plan->network->parameters))
        return;

    for (size_t l = 1; l < plan->stage_count; l++) {
        const struct stage *stage = &plan->stages[l];
        stage->kernels->transpose(stage->inputs, stage->outputs, stage->weights.data, stage->weights.stride,
                                  stage->transposed.data, stage->transposed.stride);
    }
    plan->version = parameters_version(plan->network->parameters);
}

minnow_status plan_create(minnow_network *network, const minnow_dataset *dataset,
                          const minnow_training_config *config, unsigned threads, struct plan **out) {
    *out = NULL;
    struct plan *plan = memory_allocate(1, sizeof *plan + network->layer_count * sizeof *plan->stages);
    if (plan == NULL)
        return fail_memory("training");

    plan->network = network;
    plan->dataset = dataset;
    plan->batch = size_min(config->batch, dataset->count);
    plan->density = nonzeros_density(dataset);
    plan->stage_count = network->layer_count;
    plan->version = parameters_version(network->parameters) - 1; /* no copies yet */
    plan->clip_norm = config->clip_norm;
    plan->max_norm = config->max_norm;
    plan->sub = sub_batches_of(config);
    plan_choose_phases(plan);
    choose_kinds(plan, config);
    choose_threads(plan, config, threads);

    minnow_status status = slots_create(network, config, &plan->slots);
    if (status == MINNOW_OK)
        status = answers_open(network, dataset, config, plan->batch, &plan->answers);
    if (status == MINNOW_OK)
        status = open_distortion(plan, config);
    if (status == MINNOW_OK)
        status = open_perturbation(plan, config);
    if (status == MINNOW_OK)
        status = open_stages(plan, config);
    if (status == MINNOW_OK)
        status = sub_batches_open(&plan->sub, plan->stages, plan->stage_count, plan->threads);
    if (status == MINNOW_OK && sub_batches_are_shared(&plan->sub))
        status = ranks_open(plan, config->comm);
    if (status == MINNOW_OK)
        status = allocate_results(plan);
    if (status == MINNOW_OK)
        status = compute_shares(plan);
    if (status != MINNOW_OK) {
        plan_free(plan);
        return status;
    }
    *out = plan;
    return MINNOW_OK;
}

void plan_free(struct plan *plan) {
    if (plan == NULL)
        return;
    ranks_close(plan);
    for (size_t l = 0; l < plan->stage_count; l++)
        close_stage(&plan->stages[l]);
    perturbation_free(plan->perturbation);
    distortion_free(plan->distortion);
    answers_close(&plan->answers);
    sub_batches_close(&plan->sub);
    memory_free(plan->shares);
    memory_free(plan->squares);
    slots_free(&plan->slots);
    memory_free(plan);
}
