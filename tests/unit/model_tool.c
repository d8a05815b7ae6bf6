/* Model files for the scripts beside this one. make, copy and foreign print the parameters' CRC.
     model_tool make FILE PARAMETERS SEED SIZE…
     model_tool mix FILE ACTIVATIONS LOSS SIZE…
     model_tool activations             lists their names
     model_tool copy FROM TO
     model_tool foreign FROM TO         takes FROM for a network of tanh and softmax
     model_tool set FROM TO KEY VALUE   of the metadata
     model_tool predict MODEL FEATURES PROBABILITIES, files of floats, a sample a row */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "minnow/minnow.h"
#include "net/network.h"

static int failed(void) {
    fprintf(stderr, "model_tool: %s\n", minnow_last_error());
    return 1;
}

/* The parameters as params_crc32 counts them, so that the other side can compare them one by one. */
static int write_parameters(const minnow_network *network, const char *path) {
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return 1;
    for (size_t i = 0; i < minnow_network_layer_count(network); i++) {
        size_t inputs = minnow_network_layer_size(network, i),
               outputs = minnow_network_layer_size(network, i + 1);
        float *weights = malloc((inputs + 1) * outputs * sizeof *weights);
        if (weights == NULL ||
            minnow_network_get_layer(network, i, weights, weights + inputs * outputs) != MINNOW_OK)
            return 1;
        fwrite(weights, sizeof *weights, (inputs + 1) * outputs, file);
        free(weights);
    }
    return fclose(file) != 0;
}

static int make(int count, char **arguments) {
    size_t sizes[65];
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = (size_t)count - 4;
    config.init = MINNOW_INIT_STANDARD_NORMAL;
    config.seed = strtoull(arguments[2], NULL, 10);
    for (int i = 3; i < count && i < 68; i++)
        sizes[i - 3] = strtoul(arguments[i], NULL, 10);
    minnow_network *network;
    if (minnow_network_create(&config, &network) != MINNOW_OK ||
        minnow_network_save(network, arguments[0]) != MINNOW_OK)
        return failed();
    int result = write_parameters(network, arguments[1]);
    printf("%08" PRIx32 "\n", minnow_network_params_crc32(network));
    minnow_network_free(network);
    return result;
}

/* A network with the activations of a text like "relu,tanh", and small weights. */
static int mix(int count, char **arguments) {
    size_t sizes[65];
    minnow_activation activations[NETWORK_MAX_LAYERS];
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = sizes;
    config.layer_count = (size_t)count - 4;
    config.activations = activations;
    for (int i = 3; i < count && i < 68; i++)
        sizes[i - 3] = strtoul(arguments[i], NULL, 10);
    minnow_network *network;
    if (!loss_find(arguments[2], &config.loss) ||
        activations_parse("model_tool", arguments[1], config.layer_count - 1, activations) != MINNOW_OK ||
        minnow_network_create(&config, &network) != MINNOW_OK ||
        minnow_network_save(network, arguments[0]) != MINNOW_OK)
        return failed();
    minnow_network_free(network);
    return 0;
}

static int list_activations(void) {
    for (size_t i = 0; i < activation_row_count; i++)
        printf("%s\n", activation_rows[i].name);
    return 0;
}

static int copy(const char *from, const char *to, bool foreign) {
    minnow_network *network;
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    config.activation = MINNOW_ACTIVATION_TANH;
    minnow_status status = foreign ? minnow_network_load_foreign(from, &config, &network)
                                   : minnow_network_load(from, NULL, &network);
    if (status != MINNOW_OK || minnow_network_save(network, to) != MINNOW_OK)
        return failed();
    printf("%08" PRIx32 "\n", minnow_network_params_crc32(network));
    minnow_network_free(network);
    return 0;
}

static int set(const char *from, const char *to, const char *key, const char *value) {
    minnow_network *network;
    if (minnow_network_load(from, NULL, &network) != MINNOW_OK ||
        minnow_network_set_metadata(network, key, value) != MINNOW_OK ||
        minnow_network_save(network, to) != MINNOW_OK)
        return failed();
    minnow_network_free(network);
    return 0;
}

static int predict(const char *model, const char *from, const char *to) {
    minnow_network *network;
    if (minnow_network_load(model, NULL, &network) != MINNOW_OK)
        return failed();
    size_t inputs = minnow_network_layer_size(network, 0);
    size_t outputs = minnow_network_layer_size(network, minnow_network_layer_count(network));
    float *features = malloc(inputs * sizeof *features), *probabilities = malloc(outputs * sizeof *features);
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (features == NULL || probabilities == NULL || in == NULL || out == NULL)
        return 1;
    while (fread(features, sizeof *features, inputs, in) == inputs) {
        if (minnow_network_predict(network, features, 1, NULL, probabilities) != MINNOW_OK)
            return failed();
        fwrite(probabilities, sizeof *probabilities, outputs, out);
    }
    free(features);
    free(probabilities);
    fclose(in);
    minnow_network_free(network);
    return fclose(out) != 0;
}

int main(int count, char **arguments) {
    if (count >= 7 && strcmp(arguments[1], "make") == 0)
        return make(count - 2, arguments + 2);
    if (count >= 7 && strcmp(arguments[1], "mix") == 0)
        return mix(count - 2, arguments + 2);
    if (count == 2 && strcmp(arguments[1], "activations") == 0)
        return list_activations();
    if (count == 4 && strcmp(arguments[1], "copy") == 0)
        return copy(arguments[2], arguments[3], false);
    if (count == 4 && strcmp(arguments[1], "foreign") == 0)
        return copy(arguments[2], arguments[3], true);
    if (count == 6 && strcmp(arguments[1], "set") == 0)
        return set(arguments[2], arguments[3], arguments[4], arguments[5]);
    if (count == 5 && strcmp(arguments[1], "predict") == 0)
        return predict(arguments[2], arguments[3], arguments[4]);
    fprintf(stderr, "usage: model_tool make FILE PARAMETERS SEED SIZE SIZE... |\n"
                    "       mix FILE ACTIVATIONS LOSS SIZE SIZE... | activations | copy|foreign FROM TO |\n"
                    "       set FROM TO KEY VALUE | predict MODEL FEATURES PROBABILITIES\n");
    return 2;
}
