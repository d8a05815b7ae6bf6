/* The body of a request to minnow serve, as arbitrary bytes. The first byte says whether it is JSON, and for which of three
   networks it is: of a table, of pictures, or of plain numbers. What is accepted must be samples without a value that is no
   number; what is not has one line that says why. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/serve/serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUTS = 3 };

static const char TABLE[] =
    "{\"version\":1,\"task\":\"classes\",\"label\":\"class\",\"numeric_label\":false,\"classes\":[\"a\","
    "\"b\",\"c\"],"
    "\"columns\":[{\"name\":\"x\",\"centre\":1.5,\"spread\":0.5,\"fill\":1,\"gaps\":true},"
    "{\"name\":\"c\",\"values\":[\"u\",\"v\"],\"other\":true,\"fill\":1}]}";

static void check(bool holds) {
    if (!holds)
        abort();
}

static struct served served_of(unsigned network) {
    static struct encoder *encoder;
    struct served served = {.path = "model", .outputs = OUTPUTS, .layers = 1, .features = 5};
    if (network == 0) {
        if (encoder == NULL)
            check(encoder_from_text("model", TABLE, &encoder) == MINNOW_OK);
        served.encoder = encoder;
        served.features = encoder->features;
    } else if (network == 1) {
        served.features = 784;
    }
    served.form = (struct sample_form){.features = served.features, .scale = 0.5f};
    return served;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    struct served served = served_of(data[0] / 2 % 3);
    struct samples samples;
    minnow_status status = body_read(&served, data[0] % 2 == 1, data + 1, size - 1, &samples);
    if (status == MINNOW_OK) {
        check(samples.count >= 1);
        for (size_t i = 0; i < samples.count * served.features; i++)
            check(isfinite(samples.values[i]));
    } else {
        check(samples.count == 0 && samples.values == NULL);
        check(minnow_last_error()[0] != '\0' && strchr(minnow_last_error(), '\n') == NULL);
    }
    samples_free(&samples);
    return 0;
}
