/* Trains a network on points of a plane, keeps it in a file, and asks it where a new point lies. */
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
    static float points[1000][2];
    static uint32_t labels[1000]; /* 1 within the circle of radius ½, else 0 */
    for (int i = 0; i < 1000; i++) {
        float x = points[i][0] = (float)(i * 37 % 100) / 50 - 1;
        float y = points[i][1] = (float)(i * 73 % 101) / 50 - 1;
        labels[i] = x * x + y * y < 0.25f;
    }
    minnow_dataset *data;
    check(minnow_dataset_from_floats(points[0], labels, 1000, 2, 2, &data));

    size_t sizes[] = {2, 32, 16, 2};
    minnow_network_config shape;
    minnow_network_config_init(&shape, sizeof shape); /* the defaults of everything */
    shape.layer_sizes = sizes;
    shape.layer_count = 3;
    minnow_network *network;
    check(minnow_network_create(&shape, &network));

    minnow_training_config config;
    minnow_training_config_init(&config, sizeof config);
    config.batch = 10;
    config.epochs = 50;
    minnow_trainer *trainer;
    check(minnow_trainer_create(network, data, &config, &trainer));
    minnow_progress progress;
    minnow_progress_init(&progress, sizeof progress);
    while (!progress.run_done)
        check(minnow_trainer_advance(trainer, 0, &progress)); /* an epoch */
    printf("accuracy %.1f %%\n", 100 * progress.train_accuracy);
    minnow_trainer_free(trainer);
    check(minnow_network_save(network, "circle.safetensors"));
    minnow_network_free(network);
    minnow_dataset_free(data);

    check(minnow_network_load("circle.safetensors", NULL, &network));
    float point[] = {0.1f, -0.2f}, probabilities[2];
    uint32_t label;
    check(minnow_network_predict(network, point, 1, &label, probabilities));
    printf("label %u, probability %.2f\n", (unsigned)label, (double)probabilities[label]);
    minnow_network_free(network);
    return 0;
}
