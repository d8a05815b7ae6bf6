/* Teaches a network the exclusive or, keeps it in a file, and asks it for all four answers. */
#include <err.h>
#include <minnow/minnow.h>
#include <stdio.h>

static void check(minnow_status status) {
    if (status != MINNOW_OK)
        errx(1, "%s", minnow_last_error());
}

int main(void) {
    const float x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    minnow_dataset *data;
    check(minnow_dataset_from_floats(x[0], (const uint32_t[]){0, 1, 1, 0}, 4, 2, 2, &data));
    minnow_network_config shape;
    minnow_network_config_init(&shape, sizeof shape); /* the defaults of everything */
    shape.layer_sizes = (const size_t[]){2, 8, 2};
    shape.layer_count = 2;
    minnow_network *network;
    check(minnow_network_create(&shape, &network));
    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.epochs = 500;
    minnow_trainer *trainer;
    check(minnow_trainer_create(network, data, &config, &trainer));
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        check(minnow_trainer_advance(trainer, 0, &progress)); /* an epoch */
    printf("loss %.3f after %zu epochs\n", progress.train_loss, progress.epoch);
    check(minnow_network_save(network, "xor.safetensors"));
    uint32_t label[4];
    float p[4][2]; /* the probability of each label */
    check(minnow_network_predict(network, x[0], 4, label, p[0]));
    for (int i = 0; i < 4; i++)
        printf("%g xor %g is %u, by %.1f %%\n", x[i][0], x[i][1], label[i], 100 * p[i][label[i]]);
    minnow_trainer_free(trainer);
    minnow_network_free(network);
    minnow_dataset_free(data);
}
