/* The names of options: which option an argument names, and what a name that is none may have been meant to
   be. */
#ifndef MINNOW_CLI_OPTION_NAMES_H
#define MINNOW_CLI_OPTION_NAMES_H

#include "cli/frame/options.h"

/* The entry of a table whose name is the first `length` characters of `name`; NULL if there is none. */
const struct option *option_find(const struct option *table, size_t count, const char *name, size_t length);

/* The option that an argument of one or two dashes names, by its name or another word for it, from the
   command's table or the common one; NULL if there is none. *rest is the value joined to it, NULL if there is
   none. */
const struct option *option_match(const struct command *command, const char *argument, const char **rest);

/* Writes one line about an argument that names no option of the command: what it may have been meant to be,
   as far as that can be told. */
enum { OPTION_UNKNOWN_TEXT = 1024 };
void option_unknown(const struct command *command, const char *argument, char text[OPTION_UNKNOWN_TEXT]);

/* Takes the next word of a list that is separated by spaces, and moves *list behind it. False at its end,
   also of a list that is NULL. */
bool option_next_word(const char **list, const char **word, size_t *length);

/* Whether two words are the same but for case, dashes and underscores: "LeakyReLU" and "leaky_relu". */
bool option_same_word(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
