#include "cli/inputs/sample_source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/inputs/preprocessing.h"
#include "data/pictures/picture.h"

bool sample_source_is_table(const struct encoder *encoder, const char *path) {
    if (encoder == NULL || !encoder->bytes || strcmp(path, "-") == 0)
        return encoder != NULL;
    uint8_t bytes[8] = {' '};
    FILE *file = fopen(path, "rb");
    size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL)
        fclose(file);
    return bytes[0] != 0 && picture_kind_of(bytes, size) == NULL; /* a byte 0 is IDX's first */
}

minnow_status sample_source_open(const char *path, const struct sample_form *form, struct inputs **out) {
    struct byte_stream stream;
    *out = NULL;
    minnow_status status = strcmp(path, "-") == 0 ? stream_from_fd("standard input", STDIN_FILENO, &stream)
                                                  : stream_open(path, &stream);
    return status == MINNOW_OK ? inputs_open_form(&stream, form, out) : status;
}

int sample_source_form(const struct command *command, const minnow_network *network, const char *model,
                       bool as_they_are, struct sample_form *out) {
    out->features = minnow_network_layer_size(network, 0);
    out->scale = minnow_network_input_scaling(network);
    out->pictures = preprocessing_read(network);
    if (as_they_are && out->pictures.method == PICTURES_AREA)
        return command_refuse(command, "no-normalise",
                              "has no effect: %s was trained on pictures as they are", model);
    if (as_they_are && out->pictures.height == 0)
        return command_refuse(command, "no-normalise",
                              "%s does not say how its %zu values are rows and columns", model,
                              out->features);
    if (as_they_are)
        out->pictures.method = PICTURES_AREA;
    return STATUS_SUCCESS;
}
