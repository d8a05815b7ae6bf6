#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"
#include "cli/inspect/table.h"
#include "data/table/encoder.h"
#include "model/statistics.h"
#include "net/ensemble.h"

struct settings {
    struct model_form form;
};

static const struct option options[] = {MODEL_FORM_OPTIONS(struct settings, form)};

/* The size of a file; -1 for what has none, a folder or a pipe. */
static long long file_size(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (long long)info.st_size : -1;
}

/* ---- As JSON ---- */

static json_t *json_statistics(const char *prefix, const char *kind, size_t layer, json_t *shape,
                               const struct statistics *s) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
                     json_sprintf("%slayers.%zu.%s", prefix, layer, kind), "shape", shape, "min",
                     json_number(s->min), "max", json_number(s->max), "mean", json_number(s->mean), "std",
                     json_number(s->std), "zeros", json_number(s->zeros));
}

/* Those of a network, whose names begin with `prefix`. */
static void add_tensors(json_t *tensors, const minnow_network *network, const char *prefix) {
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        struct statistics weights = statistics_of_weights(network, i),
                          biases = statistics_of_biases(network, i);
        json_t *matrix = json_pack("[I, I]", (json_int_t)layer->outputs, (json_int_t)layer->inputs);
        json_t *vector = json_pack("[I]", (json_int_t)layer->outputs);
        json_array_append_new(tensors, json_statistics(prefix, "weight", i, matrix, &weights));
        json_array_append_new(tensors, json_statistics(prefix, "bias", i, vector, &biases));
    }
}

static json_t *json_tensors(const minnow_network *network) {
    json_t *tensors = json_array();
    for (size_t m = 0; m < network_members(network); m++) {
        char prefix[ENSEMBLE_PREFIX];
        network_member_prefix(network, m, prefix);
        add_tensors(tensors, network_member(network, m), prefix);
    }
    return tensors;
}

static json_t *json_metadata(const minnow_network *network) {
    json_t *metadata = json_object();
    for (size_t i = 0; i < network->metadata.count; i++)
        json_object_set_new(metadata, network->metadata.entries[i].key,
                            json_string(network->metadata.entries[i].value));
    return metadata;
}

static void print_as_json(const char *path, const minnow_network *network) {
    char crc[9], activations[ACTIVATIONS_TEXT];
    network_activations_text(network, "relu", activations);
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(network));
    json_t *layers = json_array();
    for (size_t i = 0; i <= network->layer_count; i++)
        json_array_append_new(layers, json_integer((json_int_t)minnow_network_layer_size(network, i)));
    json_t *object = json_pack("{s:o, s:s, s:s, s:I, s:s}", "layers", layers, "activation", activations,
                               "loss", loss_rows[network->loss].name, "parameters",
                               (json_int_t)minnow_network_parameter_count(network), "params_crc32", crc);
    if (network_members(network) > 1)
        json_object_set_new(object, "networks", json_integer((json_int_t)network_members(network)));
    if (file_size(path) >= 0)
        json_object_set_new(object, "file_bytes", json_integer(file_size(path)));
    json_object_set_new(object, "metadata", json_metadata(network));
    json_object_set_new(object, "tensors", json_tensors(network));
    print_json(object);
}

/* ---- As text ---- */

static void print_metadata(const minnow_network *network) {
    const struct colours *colour = output_colours();
    if (network->metadata.count == 0)
        return;
    print("\n%smetadata%s\n", colour->bold, colour->plain);
    for (size_t i = 0; i < network->metadata.count; i++) {
        const struct metadata_entry *entry = &network->metadata.entries[i];
        if (strcmp(entry->key, ENCODER_KEY) == 0)
            continue; /* shown by itself */
        print("  ");
        print_harmless(entry->key);
        print("%*s", strlen(entry->key) < 16 ? (int)(17 - strlen(entry->key)) : 1, "");
        print_harmless(entry->value);
        print("\n");
    }
}

static void print_tensor(const char *prefix, size_t layer, const char *kind, const char *shape,
                         const struct statistics *s) {
    char name[48];
    snprintf(name, sizeof name, "%slayers.%zu.%s", prefix, layer, kind);
    print("%-*s%-15s%11.4g%11.4g%12.4g%11.4g%9.2f %%\n", (int)(17 + strlen(prefix)), name, shape, s->min,
          s->max, s->mean, s->std, 100 * s->zeros);
}

static void print_tensors_of(const minnow_network *network, const char *prefix) {
    const struct colours *colour = output_colours();
    print(
        "\n%s%*stensor           shape%s                  min        max        mean        std      zeros\n",
        colour->bold, (int)strlen(prefix), "", colour->plain);
    for (size_t i = 0; i < network->layer_count; i++) {
        const struct layer *layer = &network->layers[i];
        struct statistics weights = statistics_of_weights(network, i),
                          biases = statistics_of_biases(network, i);
        char shape[48];
        snprintf(shape, sizeof shape, "[%zu, %zu]", layer->outputs, layer->inputs);
        print_tensor(prefix, i, "weight", shape, &weights);
        snprintf(shape, sizeof shape, "[%zu]", layer->outputs);
        print_tensor(prefix, i, "bias", shape, &biases);
    }
}

static void print_tensors(const minnow_network *network) {
    for (size_t m = 0; m < network_members(network); m++) {
        char prefix[ENSEMBLE_PREFIX];
        network_member_prefix(network, m, prefix);
        print_tensors_of(network_member(network, m), prefix);
    }
}

static int print_as_text(const char *path, const minnow_network *network) {
    const struct colours *colour = output_colours();
    char activations[ACTIVATIONS_TEXT];
    network_activations_text(network, "relu", activations);
    print("%s", colour->bold);
    print_harmless(path);
    print("%s: ", colour->plain);
    if (network_members(network) > 1)
        print("ensemble of %zu networks ", network_members(network));
    for (size_t i = 0; i <= network->layer_count; i++)
        print("%s%zu", i > 0 ? "-" : "", minnow_network_layer_size(network, i));
    print(", %s, %s\n%llu parameters, CRC-32 %08x", activations, loss_rows[network->loss].name,
          (unsigned long long)minnow_network_parameter_count(network),
          (unsigned)minnow_network_params_crc32(network));
    if (file_size(path) >= 0)
        print("; %lld bytes", file_size(path));
    print("\n");
    print_metadata(network);
    int status = inspect_print_table(path, network);
    print_tensors(network);
    return status;
}

/* --input-scaling is for a file that does not say it: what a file says is shown as it stands there. */
static int apply_scaling(const char *path, const char *given, minnow_network *network) {
    if (given == NULL)
        return STATUS_SUCCESS;
    bool says = minnow_network_metadata(network, "input_scaling") != NULL;
    float own = minnow_network_input_scaling(network);

    int status = model_set_scaling(network, given);
    if (status == STATUS_SUCCESS && says && minnow_network_input_scaling(network) != own)
        status = problem(STATUS_USAGE, "inspect: --input-scaling %s: %s says %.9g itself", given, path,
                         (double)own);
    return status;
}

static int run_inspect(const struct command *command, int argc, char **argv) {
    static const char *const of_running[] = {"isa", "threads", NULL};
    struct settings settings = {MODEL_FORM_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    status = command_refuse_any(command, &line, of_running, "has no effect: inspect runs no network");
    if (status != STATUS_SUCCESS)
        return status;

    const char *path = line.operands.value[0], *scaling = settings.form.scaling;
    minnow_network *network;
    settings.form.scaling = NULL;
    status = model_open_form(path, line.common.kernels->name, &settings.form, &network);
    if (status == STATUS_SUCCESS)
        status = apply_scaling(path, scaling, network);
    if (status == STATUS_SUCCESS && line.common.json)
        print_as_json(path, network);
    else if (status == STATUS_SUCCESS)
        status = print_as_text(path, network);
    minnow_network_free(network);
    return status;
}

static const struct option_answer answers[] = {
    {"model m network", "the network is named without an option: minnow inspect FILE"},
    {NULL, NULL},
};

const struct command command_inspect = {
    .name = "inspect",
    .words = "show summary describe",
    .summary = "shows what a model file holds: sizes, metadata, statistics of its weights",
    .usage = "MODEL [OPTIONS]",
    .about = "Reads a network and prints its layers, its file's metadata, and of each tensor the least and\n"
             "the largest number, their mean, standard deviation and the share that is zero.\n"
             "A network that another program saved is read too, from a safetensors file with tensors\n"
             "NAME.weight [outputs, inputs] and NAME.bias: then give its --activation and --loss.\n",
    .examples = "  minnow inspect digits.safetensors\n"
                "  minnow inspect values                            the original program's folder\n"
                "  minnow inspect torch.safetensors --activation relu --loss softmax\n"
                "  minnow inspect digits.safetensors --json | jq .metadata.training\n",
    .options = options,
    .answers = answers,
    .option_count = sizeof options / sizeof options[0],
    .min_operands = 1,
    .max_operands = 1,
    .run = run_inspect,
};
