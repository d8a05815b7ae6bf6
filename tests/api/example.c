/* Teaches a network the exclusive or, keeps it in a file, and asks it for all four answers. */
#include <minnow/minnow.h>
#include <stdio.h>
#include <stdlib.h>

static void check(minnow_status status) {
    if (status == MINNOW_OK)
        return;
    fprintf(stderr, "%s\n", minnow_last_error());
    exit(1);
}

int main(void) {
    const float questions[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    const uint32_t answers[4] = {0, 1, 1, 0};
    minnow_dataset *data;
    check(minnow_dataset_from_floats(questions[0], answers, 4, 2, 2, &data));

    const size_t sizes[] = {2, 8, 2};
    minnow_network_config shape;
    minnow_network_config_init(&shape, sizeof shape); /* the defaults of everything */
    shape.layer_sizes = sizes;
    shape.layer_count = 2;
    shape.activation = MINNOW_ACTIVATION_TANH;
    minnow_network *network;
    check(minnow_network_create(&shape, &network));

    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 4;
    config.epochs = 500;
    minnow_trainer *trainer;
    check(minnow_trainer_create(network, data, &config, &trainer));
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        check(minnow_trainer_advance(trainer, 0, &progress)); /* an epoch */
    printf("loss %.3f after %zu epochs\n", progress.train_loss, progress.epoch);
    minnow_trainer_free(trainer);
    check(minnow_network_save(network, "xor.safetensors"));
    minnow_network_free(network);
    minnow_dataset_free(data);

    uint32_t labels[4];
    float probabilities[4][2];
    check(minnow_network_load("xor.safetensors", NULL, &network));
    check(minnow_network_predict(network, questions[0], 4, labels, probabilities[0]));
    for (int i = 0; i < 4; i++)
        printf("%g xor %g is %u, by %.1f %%\n", questions[i][0], questions[i][1], labels[i],
               100 * probabilities[i][labels[i]]);
    minnow_network_free(network);
    return 0;
}
