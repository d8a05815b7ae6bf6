/* What a network's file says of it, for those who ask the server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "cli/frame/json.h"
#include "cli/inputs/choices.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/preprocessing.h"
#include "cli/inputs/table_source.h"
#include "cli/pages/pages.h"
#include "cli/serve/serve.h"

bool served_numbers(const struct served *served) {
    return served->encoder != NULL && served->encoder->task == TASK_REGRESSION;
}

/* A column of the table, as a form asks for it. */
static json_t *describe_column(const struct encoder_column *column) {
    static const char *const kinds[] = {
        [ENCODER_NUMBER] = "number", [ENCODER_CATEGORY] = "category", [ENCODER_HASHED] = "text"};
    json_t *values = NULL;
    if (column->kind == ENCODER_CATEGORY) {
        values = json_array();
        for (size_t i = 0; i < column->value_count; i++)
            json_array_append_new(values, json_string(column->values[i]));
    }
    json_t *usual = column->kind == ENCODER_NUMBER ? json_float(column->fill) : json_null();
    return json_pack("{s:s, s:s, s:o*, s:o}", "name", column->name, "kind", kinds[column->kind], "values",
                     values, "usual", usual);
}

static json_t *describe_input(const struct served *served) {
    const struct picture_recipe *pictures = &served->form.pictures;
    if (served->encoder != NULL && !served->encoder->bytes) {
        json_t *columns = json_array();
        for (size_t i = 0; i < served->encoder->column_count; i++)
            json_array_append_new(columns, describe_column(&served->encoder->columns[i]));
        return json_pack("{s:s, s:o}", "kind", "table", "columns", columns);
    }
    if (pictures->height > 0)
        return json_pack("{s:s, s:I, s:I, s:I, s:b}", "kind", "picture", "height",
                         (json_int_t)pictures->height, "width", (json_int_t)pictures->width, "channels",
                         (json_int_t)pictures->channels, "centred", (int)(pictures->method != PICTURES_AREA));
    return json_pack("{s:s}", "kind", "numbers");
}

static json_t *describe_layers(const struct served *served, json_t **activations) {
    json_t *sizes = json_array();
    *activations = json_array();
    for (size_t i = 0; i <= served->layers; i++)
        json_array_append_new(sizes, json_integer((json_int_t)minnow_network_layer_size(served->network, i)));
    for (size_t i = 1; i < served->layers; i++) {
        minnow_activation activation = minnow_network_activation(served->network, i - 1);
        json_array_append_new(*activations, json_string(choice_activation((size_t)activation)));
    }
    return sizes;
}

static minnow_status describe(struct served *served) {
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(served->network));
    json_t *activations, *sizes = describe_layers(served, &activations);
    json_t *input = describe_input(served);
    json_t *names = served->names != NULL ? json_incref(served->names) : json_null();
    const char *label = served->encoder != NULL ? served->encoder->label : NULL;
    json_t *value = json_pack(
        "{s:s, s:I, s:o, s:o, s:s, s:I, s:s, s:s, s:I, s:s?, s:o, s:o}", "minnow", minnow_version(),
        "networks", (json_int_t)minnow_network_member_count(served->network), "sizes", sizes, "activations",
        activations, "loss", choice_loss((size_t)minnow_network_loss(served->network)), "parameters",
        (json_int_t)minnow_network_parameter_count(served->network), "params_crc32", crc, "task",
        served_numbers(served) ? "regression" : "classes", "outputs", (json_int_t)served->outputs, "label",
        label, "classes", names, "input", input);
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;
    json_decref(value);
    if (text == NULL)
        return fail_memory(served->path);
    served->description = (struct text){text, strlen(text)};
    return MINNOW_OK;
}

int served_begin(const minnow_network *network, const char *path, struct served *out) {
    size_t layers = minnow_network_layer_count(network);
    *out = (struct served){
        .network = network,
        .path = path,
        .features = minnow_network_layer_size(network, 0),
        .outputs = minnow_network_layer_size(network, layers),
        .layers = layers,
    };
    out->form = (struct sample_form){
        .features = out->features,
        .scale = minnow_network_input_scaling(network),
        .pictures = preprocessing_read(network),
    };
    out->names = class_names_read(network);
    int status = table_encoder_of(network, path, &out->encoder);
    if (status != STATUS_SUCCESS)
        return status;
    minnow_status described = describe(out);
    if (described == MINNOW_OK)
        described = page_in_memory(&page_serve, out->description.data, &out->page.data, &out->page.size);
    return described == MINNOW_OK ? STATUS_SUCCESS : report(described);
}

void served_free(struct served *served) {
    encoder_free(served->encoder);
    json_decref(served->names);
    free(served->description.data);
    free(served->page.data);
    *served = (struct served){0};
}

/* ---- Routes ---- */

static const char *get_page(const void *context, size_t *size) {
    const struct served *served = context;
    *size = served->page.size;
    return served->page.data;
}

static const char *get_model(const void *context, size_t *size) {
    const struct served *served = context;
    *size = served->description.size;
    return served->description.data;
}

static const char *get_health(const void *context, size_t *size) {
    static const char text[] = "{\"status\":\"ok\"}\n";
    (void)context;
    *size = sizeof text - 1;
    return text;
}

struct site served_site(const struct served *served, bool guarded) {
    static const struct route routes[] = {
        {.method = "GET", .path = "/", .type = "text/html; charset=utf-8", .content = get_page},
        {.method = "GET", .path = "/model", .type = "application/json", .content = get_model},
        {.method = "GET", .path = "/health", .type = "application/json", .content = get_health},
        {.method = "POST", .path = "/predict", .type = "application/json"},
    };
    return (struct site){
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .paths = "no such path; there are /, /model, /health and, to POST to, /predict",
        .context = (void *)(uintptr_t)served, /* the routes change nothing */
        .served = served,
        .guarded = guarded,
    };
}
