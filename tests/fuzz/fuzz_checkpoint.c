/* Checkpoints, and the state of training in them. An input that starts with '{' is the state's text alone,
   which no checksum guards then; any other is a whole file, from which training goes on if it is accepted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "model/model.h"
#include "train/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(void) {
    if (minnow_last_error()[0] == '\0' || strchr(minnow_last_error(), '\n') != NULL)
        abort();
}

static bool same_double(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

/* What was accepted makes sense, and survives being written. */
static void check_checkpoint(const struct checkpoint *checkpoint) {
    const struct training_state *state = &checkpoint->state;
    if (state->position > checkpoint->samples || state->correct > state->position ||
        state->epoch >= checkpoint->config.epochs || checkpoint->config.batch == 0)
        abort();

    struct checkpoint back;
    char *text = checkpoint_write(checkpoint);
    if (text == NULL || checkpoint_parse(text, &back) != MINNOW_OK)
        abort();
    for (enum checkpoint_part part = CHECKPOINT_CONFIG; part <= CHECKPOINT_STATE; part++)
        if (checkpoint_compare(part, &back, checkpoint, "the first") != MINNOW_OK)
            abort();
    if (back.state.position != state->position || back.params_crc32 != checkpoint->params_crc32 ||
        !same_double(back.state.loss_sum, state->loss_sum) ||
        !same_double(back.state.last_rate, state->last_rate))
        abort();
    free(text);
}

static void parse_state(const uint8_t *data, size_t size) {
    struct checkpoint checkpoint;
    char *text = malloc(size + 1);
    if (text == NULL)
        return;
    memcpy(text, data, size);
    text[size] = '\0';
    if (checkpoint_parse(text, &checkpoint) == MINNOW_OK)
        check_checkpoint(&checkpoint);
    else
        check_message();
    free(text);
}

/* The data that the corpus's file was trained on. */
static minnow_dataset *make_data(void) {
    enum { COUNT = 10, FEATURES = 3 };
    uint8_t pixels[COUNT * FEATURES];
    uint32_t labels[COUNT];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * 37);
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = i % 2;
    minnow_dataset *dataset;
    if (minnow_dataset_from_bytes(pixels, labels, COUNT, FEATURES, 2, 1.0f / 256, &dataset) != MINNOW_OK)
        abort();
    return dataset;
}

static void go_on(minnow_network *network, const minnow_training_config *config) {
    minnow_trainer *trainer;
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    minnow_dataset *dataset = make_data();
    if (minnow_trainer_resume(network, dataset, config, &trainer) != MINNOW_OK) {
        check_message();
    } else {
        minnow_trainer_progress(trainer, &progress);
        if (!progress.run_done)
            (void)minnow_trainer_advance(trainer, 0, &progress);
        minnow_trainer_free(trainer);
    }
    minnow_dataset_free(dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] == '{') {
        parse_state(data, size);
        return 0;
    }
    minnow_network *network;
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    if (safetensors_parse("input", data, size, "scalar", &network) != MINNOW_OK) {
        check_message();
        return 0;
    }
    if (minnow_checkpoint_config(network, &config) == MINNOW_OK) {
        config.threads = 1;
        go_on(network, &config);
    } else {
        check_message();
    }
    minnow_network_free(network);
    return 0;
}
