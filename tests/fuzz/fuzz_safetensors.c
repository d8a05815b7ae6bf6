/* The safetensors reader on arbitrary bytes. Input that starts with '{' is a header up to the first newline,
   and the data after it: so the fuzzer need not keep the header's length right. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(minnow_status status, minnow_network *network, size_t size) {
    if ((status == MINNOW_OK) != (network != NULL))
        abort();
    if (network != NULL && minnow_network_parameter_count(network) * sizeof(float) > size)
        abort(); /* every parameter, but for a foreign file's biases, has its bytes in the file */
    if (network == NULL && (minnow_last_error()[0] == '\0' || strchr(minnow_last_error(), '\n') != NULL))
        abort();
    minnow_network_free(network);
}

static void parse(const uint8_t *bytes, size_t size) {
    minnow_network *network;
    minnow_foreign_config config;
    minnow_foreign_config_init(&config, sizeof config);
    config.isa = "scalar";
    minnow_status status = safetensors_parse("input", bytes, size, "scalar", &network);
    check(status, network, size);
    status = safetensors_parse_foreign("input", bytes, size, &config, &network);
    check(status, network, 2 * size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint8_t *newline = size > 0 && data[0] == '{' ? memchr(data, '\n', size) : NULL;
    if (newline == NULL) {
        parse(data, size);
        return 0;
    }
    size_t header = (size_t)(newline - data), rest = size - header - 1;
    uint8_t *bytes = malloc(8 + header + rest);
    if (bytes == NULL)
        return 0;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)header >> (8 * i));
    memcpy(bytes + 8, data, header);
    memcpy(bytes + 8 + header, newline + 1, rest);
    parse(bytes, 8 + header + rest);
    free(bytes);
    return 0;
}
