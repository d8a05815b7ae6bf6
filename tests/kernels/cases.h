/* The cases that every operation of every table is put through, each operand between guard pages. */
#ifndef MINNOW_TEST_CASES_H
#define MINNOW_TEST_CASES_H

#include "harness/check.h"

enum { CASE_MESSAGE = 1024 };

/* Runs one case with every operand's end (at_end) or start against an unmapped page. False, and the message
   says what went wrong, unless the table did what scalar did and touched nothing else. */
bool case_passes(const struct kernels *table, const struct kernel_entry *entry, const struct kernel_case *c,
                 bool at_end, char message[CASE_MESSAGE]);

/* Runs the operation through all its cases; false at the first that fails. *count: how many were run. */
bool cases_pass(const struct kernels *table, const struct kernel_entry *entry, char message[CASE_MESSAGE],
                size_t *count);

#endif
