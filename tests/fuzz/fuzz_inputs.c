/* Samples to predict on arbitrary bytes, from memory and from a pipe; the first byte says of how many
 * features, and how many are read at a time. Both ways must give the same samples, and then both fail or
 * neither. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "data/inputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FEATURES_MOST = 16, SAMPLES_MOST = 1 << 13, PIPE_MOST = 1 << 12 };

struct found {
    minnow_status status;
    size_t count;
    float values[SAMPLES_MOST * FEATURES_MOST];
};

static void read_all(struct byte_stream *stream, size_t features, size_t most, struct found *found) {
    struct inputs *inputs;
    size_t count;
    found->count = 0;
    found->status = inputs_open(stream, features, 0.5f, &inputs);
    if ((found->status == MINNOW_OK) != (inputs != NULL))
        abort();
    while (found->status == MINNOW_OK && found->count + most <= SAMPLES_MOST) {
        /* A value that is left out is then no number, rather than what an earlier input left there. */
        memset(found->values + found->count * features, 0xff, most * features * sizeof(float));
        found->status = inputs_read(inputs, most, found->values + found->count * features, &count);
        if (count > most)
            abort();
        found->count += count;
        if (count == 0)
            break;
    }
    inputs_close(inputs);
    if (found->status != MINNOW_OK &&
        (minnow_last_error()[0] == '\0' || strchr(minnow_last_error(), '\n') != NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct found memory, piped;
    struct byte_stream stream;
    int ends[2];
    if (size == 0)
        return 0;
    size_t features = 1 + data[0] % FEATURES_MOST, most = 1 + data[0] / FEATURES_MOST;
    stream_from_memory("input", ++data, --size, &stream);
    read_all(&stream, features, most, &memory);
    for (size_t i = 0; i < memory.count * features; i++)
        if (!isfinite(memory.values[i]))
            abort();
    if (size > PIPE_MOST || pipe(ends) != 0)
        return 0;
    if (write(ends[1], data, size) != (ssize_t)size)
        abort();
    close(ends[1]);
    if (stream_from_fd("input", ends[0], &stream) == MINNOW_OK) {
        read_all(&stream, features, most, &piped);
        /* Of a pipe, samples come before what is wrong with the end is known. */
        if (piped.count < memory.count || (piped.status == MINNOW_OK) != (memory.status == MINNOW_OK) ||
            memcmp(piped.values, memory.values, memory.count * features * sizeof(float)) != 0)
            abort();
    }
    close(ends[0]);
    return 0;
}
