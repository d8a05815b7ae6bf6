#include <string.h>

#include "base/memory.h"
#include "net/network.h"

static const char *const activation_names[] = {
    [MINNOW_RELU] = "relu", [MINNOW_SIGMOID] = "sigmoid", [MINNOW_TANH] = "tanh"};
static const char *const loss_names[] = {
    [MINNOW_SOFTMAX] = "softmax", [MINNOW_LOGISTIC] = "logistic", [MINNOW_QUADRATIC] = "quadratic"};

enum {
    ACTIVATIONS = sizeof activation_names / sizeof activation_names[0],
    LOSSES = sizeof loss_names / sizeof loss_names[0]
};

static int find(const char *const *names, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

const char *activation_name(minnow_activation activation) {
    return (unsigned)activation < ACTIVATIONS ? activation_names[activation] : NULL;
}

const char *loss_name(minnow_loss loss) {
    return (unsigned)loss < LOSSES ? loss_names[loss] : NULL;
}

bool activation_parse(const char *name, minnow_activation *out) {
    int found = find(activation_names, ACTIVATIONS, name);
    if (found >= 0)
        *out = (minnow_activation)found;
    return found >= 0;
}

bool loss_parse(const char *name, minnow_loss *out) {
    int found = find(loss_names, LOSSES, name);
    if (found >= 0)
        *out = (minnow_loss)found;
    return found >= 0;
}
