/* The table of commands. */
#include <string.h>

#include "cli/command.h"
#include "cli/frame/nearest.h"
#include "cli/frame/option_names.h"
#include "cli/frame/terminal.h"

#define COMMAND_ADDRESS(name) &command_##name,
const struct command *const commands[] = {COMMANDS(COMMAND_ADDRESS)};
const size_t command_count = sizeof commands / sizeof commands[0];

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

int command_unknown(const char *name) {
    struct nearest search;
    nearest_begin(&search, name, strlen(name));
    for (size_t i = 0; i < command_count; i++) {
        const char *words = commands[i]->words, *word;
        size_t length;
        nearest_offer(&search, commands[i]->name, strlen(commands[i]->name), commands[i]->name);
        while (option_next_word(&words, &word, &length))
            nearest_offer(&search, word, length, commands[i]->name);
    }
    if (search.count == 0)
        return problem(STATUS_USAGE, "unknown command '%s'; 'minnow help all' lists the commands", name);
    return problem(STATUS_USAGE, "unknown command '%s'; did you mean 'minnow %s'?", name, search.found[0]);
}
