#include "cli/frame/report.h"

#include "cli/frame/terminal.h"

int report_message(minnow_status status, const char *message) {
    static const int exit_status[] = {
        [MINNOW_OK] = STATUS_SUCCESS,
        [MINNOW_ERROR_ARGUMENT] = STATUS_USAGE, /* arguments come from the user's options */
        [MINNOW_ERROR_MEMORY] = STATUS_FAILURE,
        [MINNOW_ERROR_INPUT] = STATUS_INPUT,
        [MINNOW_ERROR_OUTPUT] = STATUS_FAILURE,
        [MINNOW_ERROR_UNSUPPORTED] = STATUS_USAGE,
        [MINNOW_ERROR_DIVERGED] = STATUS_FAILURE,
    };
    return problem(exit_status[status], "%s", message);
}

int report(minnow_status status) {
    return report_message(status, minnow_last_error());
}
