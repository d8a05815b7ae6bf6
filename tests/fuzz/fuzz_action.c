/* What a page asks of minnow train --serve, as arbitrary bytes. What is accepted is one of few things; what is not has one line
   that says why. */
#include <stdlib.h>
#include <string.h>

#include "cli/train/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct live_action action = {.kind = LIVE_STOP, .factor = -1};
    if (live_action_read((const char *)data, size, &action) == MINNOW_OK) {
        check(action.kind <= LIVE_STOP);
        check(action.kind != LIVE_RATE || (action.factor >= 0.01 && action.factor <= 100));
    } else {
        check(minnow_last_error()[0] != '\0' && strchr(minnow_last_error(), '\n') == NULL);
    }
    return 0;
}
