#include "data/table/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void notes_add(struct notes *notes, const char *format, ...) {
    if (notes->count == notes->capacity) {
        size_t capacity = notes->capacity > 0 ? 2 * notes->capacity : 8;
        char **larger = realloc(notes->line, capacity * sizeof *larger);
        if (larger == NULL)
            return;
        notes->line = larger;
        notes->capacity = capacity;
    }

    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&notes->line[notes->count], format, arguments) >= 0)
        notes->count++;
    va_end(arguments);
}

void notes_free(struct notes *notes) {
    for (size_t i = 0; i < notes->count; i++)
        free(notes->line[i]);
    free(notes->line);
    *notes = (struct notes){0};
}

void listing_add(struct listing *list, const char *name) {
    enum { ROOM_FOR_REST = 32 };
    size_t room = sizeof list->text - ROOM_FOR_REST - list->length;
    char quoted[96];
    int length = snprintf(quoted, sizeof quoted, "%s\"%.64s\"", list->count > 0 ? ", " : "", name);
    list->count++;
    if (list->shown + 1 < list->count || length < 0 || (size_t)length >= room)
        return;
    list->length += (size_t)snprintf(list->text + list->length, room, "%s", quoted);
    list->shown++;
}

const char *listing_end(struct listing *list) {
    if (list->shown < list->count)
        snprintf(list->text + list->length, sizeof list->text - list->length, " and %zu more",
                 list->count - list->shown);
    return list->text;
}
