#include "cli/frame/side_by_side.h"

#include <stdatomic.h>

#include "base/memory.h"
#include "base/team.h"

struct parts {
    atomic_size_t next;
    size_t end;
    void (*work)(size_t index, unsigned threads, void *context);
    void *context;
};

/* Parts take different times, so that each thread takes the next one when it is done. */
static void take_parts(struct team_member member, void *context) {
    struct parts *parts = context;
    (void)member;
    for (size_t index; (index = atomic_fetch_add(&parts->next, 1)) < parts->end;)
        parts->work(index, 1, parts->context);
}

/* Those that run with one thread each: all but the last, if these would leave threads without work. */
static size_t narrow_parts(size_t count, unsigned threads) {
    size_t left = count % threads;
    return threads > 1 && 10 * left < (size_t)6 * threads ? count - left : count;
}

unsigned side_by_side_width(size_t count, unsigned threads) {
    size_t narrow = narrow_parts(count, threads);
    return narrow == 0 ? 1 : (unsigned)size_min(narrow, threads);
}

void side_by_side(size_t count, unsigned threads, void (*work)(size_t index, unsigned threads, void *context),
                  void *context) {
    struct parts parts = {.end = narrow_parts(count, threads), .work = work, .context = context};
    if (parts.end > 0)
        team_run(side_by_side_width(count, threads), take_parts, &parts);
    for (size_t index = parts.end; index < count; index++)
        work(index, threads, context);
}
