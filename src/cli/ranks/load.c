#include "cli/ranks/load.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ranks/ranks.h"

/* Beside the program in a build; from where the program is to where modules are installed, so that a tree that was moved
   still works; and where they were to be installed. */
static const char *const places[] = {"ranks/" MODULE_FILE, MODULE_FROM_PROGRAM "/" MODULE_FILE,
                                     MODULE_FOLDER "/" MODULE_FILE};

static bool find(char path[1024]) {
    char program[512];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    *(slash != NULL ? slash : program) = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        bool absolute = places[i][0] == '/';
        snprintf(path, 1024, "%s%s%s", absolute ? "" : program, absolute ? "" : "/", places[i]);
        if ((absolute || program[0] != '\0') && access(path, R_OK) == 0)
            return true;
    }
    return false;
}

/* Open MPI's own plugins look for its symbols among those of the whole program. */
static bool load(const char *path, struct module *out, const char **why) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (handle == NULL) {
        *why = dlerror();
        return false;
    }
    /* C has no cast from an object's address to a function's, but POSIX says that they are alike. */
    *(void **)&out->library = dlsym(handle, RANKS_MODULE_LIBRARY);
    *(void **)&out->open = dlsym(handle, RANKS_MODULE_OPEN);
    *(void **)&out->close = dlsym(handle, RANKS_MODULE_CLOSE);
    *why = "the module for MPI is not minnow's";
    return out->library != NULL && out->open != NULL && out->close != NULL;
}

const struct module *module_load(const char **why) {
    static struct module module;
    char path[1024];
    if (module.open != NULL)
        return &module;
    *why = "this minnow has no module for MPI: build it where libopenmpi-dev or libmpich-dev is installed, "
           "with -Dmpi=enabled";
    return find(path) && load(path, &module, why) ? &module : NULL;
}
