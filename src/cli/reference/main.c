/* Writes man pages and shell completions:
     minnow-reference manual            minnow(1)
     minnow-reference manual COMMAND    minnow-COMMAND(1)
     minnow-reference bash|zsh|fish     the completions for that shell */
#include <string.h>

#include "cli/frame/help.h"
#include "cli/frame/terminal.h"
#include "cli/reference/reference.h"

static bool page_fits = false, page_printed = false;

/* In place of the program's own, which the linker leaves in its library: so each command hands over its defaults, which
   only its own code knows. */
void help_print(const struct command *command, const void *settings) {
    page_printed = true;
    page_fits = manual_print_command(command, settings);
}

static bool print_command_page(const char *name) {
    const struct command *command = command_find(name);
    if (command == NULL)
        return problem(0, "there is no command '%s'", name) != 0;

    char word[64] = "", help[] = "--help";
    strncpy(word, name, sizeof word - 1);
    char *arguments[] = {word, help, NULL};
    int status = command->run(command, 2, arguments);
    return status == STATUS_SUCCESS && page_printed && page_fits;
}

static bool print_document(int argc, char **argv) {
    static const struct {
        const char *name;
        bool (*print)(void);
    } documents[] = {
        {"manual", manual_print_overview}, {"bash", bash_print}, {"zsh", zsh_print}, {"fish", fish_print}};

    if (argc == 3 && strcmp(argv[1], "manual") == 0)
        return print_command_page(argv[2]);
    for (size_t i = 0; argc == 2 && i < sizeof documents / sizeof documents[0]; i++)
        if (strcmp(argv[1], documents[i].name) == 0)
            return documents[i].print();
    return false;
}

int main(int argc, char **argv) {
    terminal_start();
    bool done = print_document(argc, argv);
    if (!done)
        problem(0, "minnow-reference: could not write '%s'", argc > 1 ? argv[argc - 1] : "");
    return terminal_finish(done ? STATUS_SUCCESS : STATUS_FAILURE);
}
