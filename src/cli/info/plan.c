#include "cli/info/plan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cli/train/explain.h"
#include "train/plan.h"

/* Every fifth byte is not 0, as in images of digits. */
static minnow_status make_samples(size_t count, size_t features, size_t classes, minnow_dataset **out) {
    enum { FIFTH = 5 };
    uint8_t *bytes = memory_allocate(count, features);
    uint32_t *labels = memory_allocate(count, sizeof *labels);
    minnow_status status = MINNOW_ERROR_MEMORY;
    for (size_t i = 0; bytes != NULL && i < count * features; i += FIFTH)
        bytes[i] = 1;
    if (bytes != NULL && labels != NULL)
        status = minnow_dataset_from_bytes(bytes, labels, count, features, classes, 1.0f / 255, out);
    memory_free(bytes);
    memory_free(labels);
    return status;
}

static minnow_status make_plan(const struct common_options *common, const struct size_list *sizes,
                               size_t batch, minnow_network *network, minnow_dataset **samples,
                               struct plan **out) {
    enum { EPOCHS = 10 };
    minnow_status status = make_samples(batch, sizes->size[0], sizes->size[sizes->count - 1], samples);
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = batch;
    config.epochs = EPOCHS;
    config.threads = common->threads;
    return status == MINNOW_OK ? plan_create(network, *samples, &config, 0, out) : status;
}

int info_plan(const struct common_options *common, const struct size_list *sizes, size_t batch) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.isa = common->isa;
    minnow_network *network = NULL;
    minnow_dataset *samples = NULL;
    struct plan *plan = NULL;
    config.layer_sizes = sizes->size;
    config.layer_count = sizes->count - 1;
    minnow_status status = minnow_network_create(&config, &network);
    if (status == MINNOW_OK)
        status = make_plan(common, sizes, batch, network, &samples, &plan);
    int result = status == MINNOW_OK ? explain_plan(network, plan, common->json) : report(status);
    plan_free(plan);
    minnow_dataset_free(samples);
    minnow_network_free(network);
    return result;
}
