#include "cli/frame/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli/frame/clock.h"

const int interrupt_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNALS = sizeof interrupt_signals / sizeof interrupt_signals[0] };
const size_t interrupt_signal_count = SIGNALS;

static minnow_trainer *volatile watched;
static atomic_int seen;   /* the signal's number */
static atomic_uint first; /* when it came, in milliseconds; 0 before */

/* A second signal within so many milliseconds counts as the first once more: timeout(1) signals the program, and
   then its process group, which the program is in. */
enum { SAME_INTERRUPT = 50 };

static unsigned milliseconds(void) {
    return (unsigned)(uint64_t)(clock_seconds() * 1e3) | 1u;
}

static void on_interrupt(int signal_number) {
    unsigned now = milliseconds(), before = 0;
    if (!atomic_compare_exchange_strong(&first, &before, now)) {
        if ((int)(now - before) > SAME_INTERRUPT) /* below 0 where two handlers run at a time */
            _exit(INTERRUPT_STATUS + signal_number);
        return;
    }
    atomic_store(&seen, signal_number);
    if (watched != NULL)
        minnow_trainer_stop(watched);
}

void interrupt_watch(minnow_trainer *trainer) {
    struct sigaction action, before;
    atomic_store(&seen, 0);
    atomic_store(&first, 0);
    watched = trainer;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESTART;
    /* Who starts a program with a signal ignored (nohup, a shell's background job) wants it to stay ignored. */
    for (int i = 0; i < SIGNALS; i++)
        if (sigaction(interrupt_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(interrupt_signals[i], &action, NULL);
}

void interrupt_release(void) {
    struct sigaction action;
    for (int i = 0; i < SIGNALS; i++)
        if (sigaction(interrupt_signals[i], NULL, &action) == 0 && action.sa_handler == on_interrupt)
            signal(interrupt_signals[i], SIG_DFL);
    watched = NULL;
}

void interrupt_request(void) {
    unsigned before = 0;
    if (!atomic_compare_exchange_strong(&first, &before, milliseconds()))
        return;
    atomic_store(&seen, SIGINT);
    if (watched != NULL)
        minnow_trainer_stop(watched);
}

void interrupt_note(int signal_number) {
    int none = 0;
    (void)atomic_compare_exchange_strong(&seen, &none, signal_number);
}

bool interrupted(void) {
    return atomic_load(&seen) != 0;
}

int interrupt_status(void) {
    return INTERRUPT_STATUS + atomic_load(&seen);
}
