#include "base/sized.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* No struct of this interface will ever be as long: a larger size was never initialised. */
enum { LONGEST = 65536 };

static size_t size_of(const void *sized) {
    size_t size;
    memcpy(&size, sized, sizeof size);
    return size;
}

static void set_size(void *sized, size_t size) {
    memcpy(sized, &size, sizeof size);
}

void sized_init(void *theirs, size_t size, const void *own, size_t own_size) {
    if (size < sizeof size)
        return;

    memset(theirs, 0, size);
    memcpy(theirs, own, size_min(size, own_size));
    set_size(theirs, size);
}

minnow_status sized_read(const char *name, const void *theirs, void *own, size_t own_size) {
    if (theirs == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: missing", name);
    size_t size = size_of(theirs);
    if (size < sizeof size || size > LONGEST)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: struct_size is %zu; call its _init function first", name,
                    size);

    const unsigned char *bytes = theirs;
    for (size_t i = own_size; i < size; i++)
        if (bytes[i] != 0)
            return fail(MINNOW_ERROR_ARGUMENT,
                        "%s: sets a member that this version of minnow, %s, does not have", name,
                        minnow_version());

    memcpy(own, theirs, size_min(size, own_size));
    set_size(own, own_size);
    return MINNOW_OK;
}

void sized_write(const void *own, size_t own_size, void *theirs) {
    size_t size = size_of(theirs);
    if (size < sizeof size || size > LONGEST)
        return;

    memset(theirs, 0, size);
    memcpy(theirs, own, size_min(size, own_size));
    set_size(theirs, size);
}
