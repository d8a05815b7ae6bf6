/* Teaches a network the exclusive or, keeps it in a file, and asks it for all four answers. */
#include <err.h>
#include <minnow/minnow.h>
#include <stdio.h>

#define CHECK(call) ((call) == MINNOW_OK ? (void)0 : errx(1, "%s", minnow_last_error()))

int main(void) {
    const float x[4][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    const uint32_t answers[4] = {0, 1, 1, 0};
    minnow_dataset *data;
    CHECK(minnow_dataset_from_floats(x[0], answers, 4, 2, 2, &data));

    const size_t sizes[] = {2, 8, 2};
    minnow_network_config shape;
    minnow_network_config_init(&shape, sizeof shape); /* the defaults of everything */
    shape.layer_sizes = sizes;
    shape.layer_count = 2;
    minnow_network *network;
    CHECK(minnow_network_create(&shape, &network));

    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.epochs = 500;
    minnow_trainer *trainer;
    CHECK(minnow_trainer_create(network, data, &config, &trainer));
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    CHECK(minnow_trainer_run(trainer, NULL, &progress)); /* callbacks in place of NULL are told of it */
    printf("loss %.3f after %zu epochs\n", progress.train_loss, progress.epoch);
    CHECK(minnow_network_save(network, "xor.safetensors"));
    uint32_t label[4];
    float p[4][2]; /* the probability of each label */
    CHECK(minnow_network_predict(network, x[0], 4, label, p[0]));
    for (int i = 0; i < 4; i++)
        printf("%g xor %g is %u, by %.1f %%\n", x[i][0], x[i][1], label[i], 100 * p[i][label[i]]);
    minnow_trainer_free(trainer), minnow_network_free(network), minnow_dataset_free(data);
}
