/* The module for MPI, loaded when it is needed. */
#ifndef MINNOW_CLI_RANKS_LOAD_H
#define MINNOW_CLI_RANKS_LOAD_H

#include "cli/ranks/module.h"

struct module {
    ranks_module_library *library;
    ranks_module_open *open;
    ranks_module_close *close;
};

/* Loads it once. NULL, with the reason in *why, where there is none. */
const struct module *module_load(const char **why);

#endif
