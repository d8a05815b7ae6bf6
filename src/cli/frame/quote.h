/* Words for a shell. */
#ifndef MINNOW_CLI_QUOTE_H
#define MINNOW_CLI_QUOTE_H

#include <stddef.h>

/* Writes a word as a shell reads it back: in quotes where it has a character that may mean something to it. What does
   not fit into `size` bytes, at least 3, is cut off; four times the word's length and 3 always do. */
void quote(const char *word, char *text, size_t size);

#endif
