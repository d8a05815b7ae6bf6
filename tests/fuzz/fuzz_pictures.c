/* Pictures of arbitrary bytes: decoded grey and in colours, and grey ones brought to MNIST's form. */
#include <stdlib.h>
#include <string.h>

#include "data/pictures/normalise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIXELS_MOST = 1 << 20 }; /* larger ones only take time */

static void expect_message(minnow_status status) {
    if (status != MINNOW_OK && (*minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    for (size_t channels = 1; channels <= 3; channels += 2) {
        struct picture picture;
        minnow_status status = picture_decode("input", data, size, channels, &picture);
        expect_message(status);
        if ((status == MINNOW_OK) != (picture.pixels != NULL))
            abort();
        uint8_t out[NORMALISED_PIXELS];
        if (status == MINNOW_OK && channels == 1 && picture.height * picture.width <= PIXELS_MOST)
            expect_message(picture_normalise("input", &picture, out));
        picture_free(&picture);
    }
    return 0;
}
