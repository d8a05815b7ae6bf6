/* Model files in, and a look at where results will go before hours are spent on them. */
#ifndef MINNOW_CLI_FILES_H
#define MINNOW_CLI_FILES_H

#include "minnow/minnow.h"

/* Reads a network from a model file, or from a folder in the original program's format. Returns 0 or, having
   said why, an exit status. */
int model_open(const char *path, const char *isa, minnow_network **out);

/* Whether a file can be written at `path`, which is neither created nor changed. Returns 0 or, having said
   why not, an exit status. */
int target_check(const char *path);

/* The same for the files of a folder in the original program's format, which need not exist yet. */
int values_check(const char *folder, size_t layer_count);

bool is_folder(const char *path);
/* Whether the folder has something of that name. */
bool folder_has(const char *folder, const char *name);

#endif
