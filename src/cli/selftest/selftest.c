/* minnow selftest: every table this CPU runs against scalar, and a few small trainings through each. Needs
   nothing but the program, so that it tells what to expect of a machine, or an emulator, that the test suite
   does not run on. */
#include "cli/selftest/selftest.h"

#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"

static int run_selftest(const struct command *command, int argc, char **argv) {
    struct selftest self = {.failed = false};
    struct command_line line;
    char none; /* settings, of which there are none */
    int status = command_begin(command, argc, argv, &none, &line);
    if (status != BEGUN)
        return status;
    if (!output_usable())
        return STATUS_FAILURE;

    self.common = line.common;
    for (size_t t = 0; t < kernel_table_count; t++) /* scalar too: it must not touch what it should not */
        if (selftest_wants(&self, kernel_tables[t]))
            selftest_check_table(&self, kernel_tables[t]);
    selftest_free_slots(&self);
    status = selftest_check_trainings(&self);
    if (status != STATUS_SUCCESS)
        return status;

    if (self.common.json)
        print_json(json_pack("{s:s, s:b}", "event", "done", "identical", !self.failed));
    else
        print("%s\n", self.failed ? "NOT identical: this build must not be trusted on this machine"
                                  : "identical: every table here gives the same bits");
    return self.failed ? STATUS_FAILURE : STATUS_SUCCESS;
}

const struct command command_selftest = {
    .name = "selftest",
    .words = "check self-test",
    .summary = "checks that every instruction set of this CPU gives the same bits",
    .usage = "[OPTIONS]",
    .about = "Runs every kernel of every instruction set this CPU has beside the scalar one, then trains\n"
             "small networks through each, dense and sparse, on all threads. Exit status 0: all results\n"
             "are identical to the last bit.\n"
             "With --isa NAME, only that one and scalar.\n",
    .examples = "  minnow selftest\n"
                "  qemu-x86_64 -cpu Haswell minnow selftest\n",
    .run = run_selftest,
};
