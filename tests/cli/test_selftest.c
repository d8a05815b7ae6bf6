/* What minnow selftest says of a training that cannot be compared: one line, and no older one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli/frame/report.h"
#include "cli/selftest/selftest.h"

/* Runs it with standard error in a file, after another failure of the library's; returns the exit status. */
static int outcome(minnow_status trained, uint32_t before, uint32_t after, char text[1024]) {
    FILE *file = tmpfile(), *kept = stderr;
    cr_assert_not_null(file);
    minnow_network *network;
    cr_assert_neq(minnow_network_load("/nonexistent/network", NULL, &network), MINNOW_OK);

    stderr = file;
    int status = selftest_training_outcome("avx2", trained, before, after);
    stderr = kept;

    rewind(file);
    text[fread(text, 1, 1023, file)] = '\0';
    fclose(file);
    return status;
}

Test(selftest, parameters_that_changed) {
    char text[1024];
    cr_assert_eq(outcome(MINNOW_OK, 1, 2, text), STATUS_SUCCESS);
    cr_assert_str_eq(text, "");
}

Test(selftest, parameters_that_did_not_change) {
    char text[1024];
    cr_assert_eq(outcome(MINNOW_OK, 1, 1, text), STATUS_FAILURE);
    cr_assert_str_eq(text, "minnow: avx2: training left the parameters as they were\n");
}

Test(selftest, a_training_that_failed) {
    char text[1024];
    cr_assert_eq(outcome(MINNOW_ERROR_INPUT, 1, 1, text), STATUS_INPUT);
    cr_assert_not_null(strstr(text, "/nonexistent/network"), "%s", text);
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1, "one line: %s", text);
}
