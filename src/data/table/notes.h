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
struct name_list {
    char text[400];
    size_t length, shown, count;
};
void name_list_add(struct name_list *list, const char *name);
/* Its text, with how many more there are. */
const char *name_list_end(struct name_list *list);

#endif
