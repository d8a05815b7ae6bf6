/* The messages behind minnow_last_error(). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include "base/status.h"
#include "base/team.h"

Test(status, messages_are_one_line_of_plain_text) {
    cr_assert_str_eq(minnow_last_error(), "");
    cr_assert_eq(fail(MINNOW_ERROR_INPUT, "%s: byte %d", "a\nb\r\x1b[31m\x7f\t", 7), MINNOW_ERROR_INPUT);
    cr_assert_str_eq(minnow_last_error(), "a\\x0ab\\x0d\\x1b[31m\\x7f\\x09: byte 7");
    fail(MINNOW_ERROR_INPUT, "%s", "größe – 数");
    cr_assert_str_eq(minnow_last_error(), "größe – 数");
    fail(MINNOW_ERROR_OUTPUT, "while: %s", minnow_last_error());
    cr_assert_str_eq(minnow_last_error(), "while: größe – 数");
    cr_assert_eq(fail_memory("a cat"), MINNOW_ERROR_MEMORY);
    cr_assert_not_null(strstr(minnow_last_error(), "a cat"));
}

Test(status, long_messages_are_cut) {
    char *text = malloc(100000);
    for (int c = 'x'; c >= 1; c -= 'x' - 1) {
        memset(text, c, 99999);
        text[99999] = '\0';
        fail(MINNOW_ERROR_INPUT, "%s", text);
        cr_assert_geq(strlen(minnow_last_error()), 1000);
        cr_assert_lt(strlen(minnow_last_error()), 2000);
    }
    free(text);
}

static void fail_elsewhere(struct team_member member, void *context) {
    (void)context;
    if (member.index != 0)
        fail(MINNOW_ERROR_INPUT, "thread %u", member.index);
}

Test(status, each_thread_has_its_message) {
    fail(MINNOW_ERROR_INPUT, "mine");
    team_run(3, fail_elsewhere, NULL);
    cr_assert_str_eq(minnow_last_error(), "mine");
}
