/* What there is to say of a table, for the program to print. */
#ifndef MINNOW_DATA_TABLE_NOTES_H
#define MINNOW_DATA_TABLE_NOTES_H

#include <stddef.h>

struct notes {
    size_t count, capacity;
    char **line; /* each one line, from malloc */
};

/* Adds a line; without memory for it, it is left out. */
void notes_add(struct notes *notes, const char *format, ...) __attribute__((format(printf, 2, 3)));
void notes_free(struct notes *notes);

/* A list of names that is being written, "a", "b" and 7 more: as many as the text has room for. */
struct listing {
    char text[400];
    size_t length, shown, count;
};
void listing_add(struct listing *list, const char *name);
/* Its text, with how many more there are. */
const char *listing_end(struct listing *list);

#endif
