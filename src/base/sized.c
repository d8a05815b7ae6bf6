#include "base/sized.h"

#include <stdbool.h>
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

/* Whether the caller's compiler can have measured a struct of that size. It begins with a size_t, so that its
   size is a multiple of a size_t's. What was never initialised mostly says something else. */
static bool is_size(size_t size) {
    return size >= sizeof size && size <= LONGEST && size % sizeof size == 0;
}

/* Fills the caller's struct of `size` bytes with what it shares with the library's, and the rest with zeros. */
static void fill(void *theirs, size_t size, const void *own, size_t own_size) {
    memset(theirs, 0, size);
    memcpy(theirs, own, size_min(size, own_size));
    set_size(theirs, size);
}

void sized_init(void *theirs, size_t size, const void *own, size_t own_size) {
    if (theirs != NULL && is_size(size))
        fill(theirs, size, own, own_size);
}

minnow_status sized_check(const char *name, const void *theirs) {
    if (theirs == NULL || is_size(size_of(theirs)))
        return MINNOW_OK;
    return fail(MINNOW_ERROR_ARGUMENT, "%s: struct_size is %zu; call its _init function first", name,
                size_of(theirs));
}

minnow_status sized_read(const char *name, const void *theirs, void *own, size_t own_size) {
    if (theirs == NULL)
        return fail(MINNOW_ERROR_ARGUMENT, "%s: NULL; expected a struct that its _init function has filled",
                    name);
    minnow_status status = sized_check(name, theirs);
    if (status != MINNOW_OK)
        return status;

    size_t size = size_of(theirs);

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
    if (theirs != NULL && is_size(size_of(theirs)))
        fill(theirs, size_of(theirs), own, own_size);
}
