/* OMP_NUM_THREADS, by which the user of any OpenMP program says how many threads it may take. The library does not
   read the environment; the program does, to tell the user's word from OpenMP's own choice. */
#ifndef MINNOW_CLI_THREADS_H
#define MINNOW_CLI_THREADS_H

#include <stdbool.h>

enum { THREADS_TEXT = 41 };

struct omp_num_threads {
    unsigned threads; /* the first number of the list; 0 when the variable is not set, or is ignored */
    bool ignored;     /* it is set, but not to a list of positive whole numbers, and so OpenMP ignores it */
    char text[THREADS_TEXT]; /* the beginning of what is ignored, as printable ASCII */
};

/* `text` is what the variable is set to, NULL when it is not set. The OpenMP specification (5.2, section 21.1.2) asks
   for positive whole numbers separated by commas, one for each level of nested parallel regions; GNU's OpenMP takes
   white space and a plus sign before each number too. */
struct omp_num_threads omp_num_threads_parse(const char *text);

/* Reads the environment's. For the beginning of main, before anything starts OpenMP, because LLVM's OpenMP (14 at
   least) aborts over some values. Where there is no list of numbers it computes a number of threads from memory that it
   never wrote, and for billions of threads it asks for memory by that number. Such a value is taken out of the
   environment; of a number above what team_run starts, team_set_default still tells OpenMP. */
void omp_num_threads_start(void);

/* What omp_num_threads_start found. */
struct omp_num_threads omp_num_threads(void);

#endif
