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

/* The kind to compare that one with: the next by its cost, unless it is far from it. Lists of a whole dataset take too long to
   make for that. */
static const struct stage_kind *choose_second(const struct plan *plan, const struct stage_choice *choice,
                                              const minnow_training_config *config) {
    const double FAR = 1.6;
    const struct stage_request *request = &choice->request;
    const struct stage_kind *second = NULL;
    double least = FAR * choice->kind->product_work(request, request->density);
    for (size_t k = 0; plan->tries && k < KIND_COUNT; k++) {
        if (KINDS[k] == choice->kind || KINDS[k] == &stage_lists || plan->batch == 1 ||
            !allowed(KINDS[k], request, config->sparse))
            continue;
        double work = KINDS[k]->product_work(request, request->density);
        if (work < least) {
            second = KINDS[k];
            least = work;
        }
    }
    return second;
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
        choice->second = choose_second(plan, choice, config);
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

/* gathers: whether the first stage's samples are put into a matrix. At most 2^16 rows, 2^16 wide, a few for each stage: no overflow of 64 bits. */
static size_t lay_out(struct stage *stage, size_t batch, bool gathers) {
    size_t used = 0, width = size_round_up(stage->outputs, CACHE_LINE_FLOATS);
    bool keeps_sums = activation_derivative_needs_input(stage->activation);

    if (stage->before != NULL) {
        stage->input =
            stage->before->dropout.share > 0.0f ? stage->before->dropout.output : stage->before->output;
        stage->transposed = cut(stage, &used, stage->outputs, parameters_padded_stride(stage->inputs));
    } else if (gathers) {
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

/* The second kind is only to be compared with the first, and may do without. */
static minnow_status open_kinds(struct plan *plan, size_t l) {
    struct stage *stage = &plan->stages[l];
    const struct stage_choice *choice = &plan->choices[l];
    const struct stage_kind *kinds[PLAN_KINDS_MOST] = {choice->kind, choice->second};
    minnow_status status = MINNOW_OK;
    for (size_t k = 0; status == MINNOW_OK && k < PLAN_KINDS_MOST && kinds[k] != NULL; k++) {
        stage->own = NULL;
        status = kinds[k]->open(stage, &choice->request);
        if (status == MINNOW_OK)
            plan->opened[l][k] = (struct opened){kinds[k], stage->own};
        else if (k > 0)
            return MINNOW_OK;
    }
    return status;
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
    bool gathers =
        !choice->kind->gathers_itself || (choice->second != NULL && !choice->second->gathers_itself);
    size_t floats = lay_out_delta(stage, plan->batch, last, lay_out(stage, plan->batch, gathers));
    stage->arena = memory_allocate(floats, sizeof *stage->arena);
    if (stage->arena == NULL)
        return fail_memory("training");
    lay_out_delta(stage, plan->batch, last, lay_out(stage, plan->batch, gathers));
    return open_kinds(plan, l);
}

static void close_stage(struct plan *plan, size_t l) {
    struct stage *stage = &plan->stages[l];
    for (size_t k = 0; k < PLAN_KINDS_MOST; k++) {
        struct opened *opened = &plan->opened[l][k];
        stage->own = opened->own;
        if (opened->kind != NULL)
            opened->kind->close(stage);
        *opened = (struct opened){0};
    }
    dropout_close(&stage->dropout);
    memory_free(stage->arena);
    *stage = (struct stage){0};
}

static minnow_status open_stages(struct plan *plan, const minnow_training_config *config) {
    minnow_status status = open_stage(plan, config, 0);
    if (status != MINNOW_OK && config->sparse == MINNOW_SPARSITY_AUTO && plan->choices[0].kind->skips_zeros) {
        /* Listing nonzeros may take more memory than there is; multiplying them gives the same. */
        close_stage(plan, 0);
        plan->choices[0].kind = choose_kind(&plan->choices[0].request, MINNOW_SPARSITY_OFF);
        plan->choices[0].second = NULL;
        status = open_stage(plan, config, 0);
    }
    for (size_t l = 1; status == MINNOW_OK && l < plan->stage_count; l++)
        status = open_stage(plan, config, l);
    return status;
}

static minnow_status open_squares(struct plan *plan) {
    if (!plan_clips(plan))
        return MINNOW_OK;
    for (size_t l = 0; l < plan->stage_count; l++)
        plan->square_count += plan->stages[l].inputs + 1;
    plan->squares = memory_allocate(plan->square_count, sizeof *plan->squares);
    return plan->squares != NULL ? MINNOW_OK : fail_memory("training");
}

/* ---- The whole ---- */

/* What the configuration says of splits. */
static void set_splits(struct plan *plan, const minnow_training_config *config) {
    struct plan_way *way = &plan->ways[0];
    for (size_t l = 0; l < plan->stage_count; l++)
        way->owned[l] = config->plan == MINNOW_PLAN_COLUMNS && plan_can_own(plan, l);
    plan_measure_way(plan, way);
}

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
    plan->tries = config->plan == MINNOW_PLAN_AUTO && !PLAN_FIXED && !sub_batches_are_shared(&plan->sub);
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
        status = open_squares(plan);
    if (status == MINNOW_OK)
        status = plan_open_ways(plan);
    if (status != MINNOW_OK) {
        plan_free(plan);
        return status;
    }
    set_splits(plan, config);
    plan_follow(plan, 0, plan->threads);
    *out = plan;
    return MINNOW_OK;
}

void plan_free(struct plan *plan) {
    if (plan == NULL)
        return;
    ranks_close(plan);
    for (size_t l = 0; l < plan->stage_count; l++)
        close_stage(plan, l);
    plan_close_ways(plan);
    perturbation_free(plan->perturbation);
    distortion_free(plan->distortion);
    answers_close(&plan->answers);
    sub_batches_close(&plan->sub);
    memory_free(plan->squares);
    slots_free(&plan->slots);
    memory_free(plan);
}
