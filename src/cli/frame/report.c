#include "cli/frame/report.h"

#include "cli/frame/terminal.h"

const struct exit_status_text exit_statuses[] = {
    {STATUS_SUCCESS, "success"},
    {STATUS_FAILURE, "failure while running"},
    {STATUS_USAGE, "wrong usage"},
    {STATUS_INPUT, "bad input file"},
    {129, "hung up (SIGHUP)"},
    {130, "interrupted (Ctrl-C)"},
    {141, "what reads the results has closed the pipe"},
    {143, "terminated (SIGTERM)"},
};
const size_t exit_status_count = sizeof exit_statuses / sizeof exit_statuses[0];

int report_message(minnow_status status, const char *message) {
    static const int exit_status[] = {
        [MINNOW_OK] = STATUS_SUCCESS,
        [MINNOW_ERROR_ARGUMENT] = STATUS_USAGE, /* arguments come from the user's options */
        [MINNOW_ERROR_MEMORY] = STATUS_FAILURE,
        [MINNOW_ERROR_INPUT] = STATUS_INPUT,
        [MINNOW_ERROR_OUTPUT] = STATUS_FAILURE,
        [MINNOW_ERROR_UNSUPPORTED] = STATUS_USAGE,
        [MINNOW_ERROR_DIVERGED] = STATUS_FAILURE,
        [MINNOW_ERROR_COMMUNICATION] = STATUS_FAILURE,
    };
    return problem(exit_status[status], "%s", message);
}

int report(minnow_status status) {
    return report_message(status, minnow_last_error());
}
