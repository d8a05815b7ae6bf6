#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include "cli/commands.h"

static minnow_trainer *volatile watched;
static volatile sig_atomic_t seen;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    if (seen)
        _exit(STATUS_INTERRUPTED);
    seen = 1;
    if (watched != NULL)
        minnow_trainer_stop(watched);
}

void interrupt_watch(minnow_trainer *trainer) {
    struct sigaction action, before;
    seen = 0;
    watched = trainer;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESTART;
    /* Who starts a program with SIGINT ignored (nohup, a shell's background job) wants it to stay ignored. */
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &action, NULL);
}

void interrupt_release(void) {
    struct sigaction action;
    if (sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler == on_interrupt)
        signal(SIGINT, SIG_DFL);
    watched = NULL;
}

bool interrupted(void) {
    return seen != 0;
}
