#include "cli/frame/threads.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/team.h"

static const char *skip_space(const char *text) {
    while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        text++;
    return text;
}

/* Moves *text behind a positive number, which is cut off at INT_MAX, and the space around it. False if there is none. */
static bool take_positive(const char **text, unsigned *out) {
    const char *p = skip_space(*text);
    p += *p == '+';
    if (*p < '0' || *p > '9')
        return false;

    unsigned value = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        unsigned digit = (unsigned)(*p - '0');
        value = value <= (INT_MAX - digit) / 10 ? 10 * value + digit : INT_MAX;
    }
    *out = value;
    *text = skip_space(p);
    return value > 0;
}

static bool is_list(const char *text, unsigned *first) {
    if (!take_positive(&text, first))
        return false;
    while (*text == ',') {
        unsigned next;
        text++;
        if (!take_positive(&text, &next))
            return false;
    }
    return *text == '\0';
}

struct omp_num_threads omp_num_threads_parse(const char *text) {
    struct omp_num_threads out = {0};
    if (text == NULL || is_list(text, &out.threads))
        return out;

    out.threads = 0;
    out.ignored = true;
    for (size_t i = 0; i + 1 < THREADS_TEXT && text[i] != '\0'; i++)
        out.text[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    return out;
}

static struct omp_num_threads at_start;

void omp_num_threads_start(void) {
    at_start = omp_num_threads_parse(getenv("OMP_NUM_THREADS"));
    bool too_many = at_start.threads != 0 && at_start.threads > team_threads(at_start.threads);
    if (at_start.ignored || too_many)
        unsetenv("OMP_NUM_THREADS");
}

struct omp_num_threads omp_num_threads(void) {
    return at_start;
}
