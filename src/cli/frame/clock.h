#ifndef MINNOW_CLI_CLOCK_H
#define MINNOW_CLI_CLOCK_H

/* Seconds on a clock that only moves forward. Async-signal-safe. */
double clock_seconds(void);

/* First thing in main: the program begins now. */
void clock_start(void);

/* What the clock showed then. */
double clock_began(void);

#endif
