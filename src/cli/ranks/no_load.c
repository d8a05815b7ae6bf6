/* In place of load.c, in a build without MPI. */
#include <stddef.h>

#include "cli/ranks/load.h"

const struct module *module_load(const char **why) {
    *why = "this minnow is built without MPI: build it with -Dmpi=enabled, which needs libopenmpi-dev or "
           "libmpich-dev";
    return NULL;
}
