/* minnow version: also --version and -V. */
#include <jansson.h>

#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "minnow/minnow.h"

static int run_version(const struct command *command, int argc, char **argv) {
    static const char *const without_effect[] = {"isa", "threads", NULL};
    struct command_line line;
    int status = command_begin(command, argc, argv, NULL, &line);
    if (status != BEGUN)
        return status;
    status = command_refuse_any(command, &line, without_effect, "has no effect on the version");
    if (status != STATUS_SUCCESS)
        return status;

    if (line.common.json)
        print_json(json_pack("{s:s}", "version", minnow_version()));
    else
        print("minnow %s\n", minnow_version());
    return STATUS_SUCCESS;
}

const struct command command_version = {
    .name = "version",
    .over_ranks = true,
    .summary = "prints the version of minnow",
    .usage = "[OPTIONS]",
    .about = "One line; '--version' and '-V' print the same. 'minnow info' tells how it was built.\n",
    .run = run_version,
};
