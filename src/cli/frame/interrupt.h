/* SIGINT, SIGTERM and SIGHUP, which a terminal that closes sends, during training: the first ends it in good
   order, another, from a twentieth of a second on, the program. */
#ifndef MINNOW_CLI_INTERRUPT_H
#define MINNOW_CLI_INTERRUPT_H

#include <stddef.h>

#include "minnow/minnow.h"

/* Those signals. */
extern const int interrupt_signals[];
extern const size_t interrupt_signal_count;

/* From here to interrupt_release() an interrupt stops the trainer, which the next minnow_trainer_advance to
   return shows, instead of ending the program. NULL: whoever works looks at interrupted() from time to time. */
void interrupt_watch(minnow_trainer *trainer);
void interrupt_release(void);

/* As the first SIGINT would; from any thread, between both. */
void interrupt_request(void);

/* Whether there was one since interrupt_watch(); from any thread. */
bool interrupted(void);
/* As if the signal had come to this process, where it came to another of the run's. */
void interrupt_note(int signal_number);
/* What a shell adds to the number of the signal that ended a process. */
enum { INTERRUPT_STATUS = 128 };
/* The exit status that tells of it, as a shell reports a process that the signal ended: 130, 143 or 129. */
int interrupt_status(void);

#endif
