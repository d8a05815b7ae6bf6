#include "base/argument.h"

#include "base/status.h"

bool argument_given(const char *function, const char *argument, const void *pointer) {
    if (pointer == NULL)
        fail(MINNOW_ERROR_ARGUMENT, "%s: %s is NULL", function, argument);
    return pointer != NULL;
}
