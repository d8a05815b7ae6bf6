/* Logs of training runs. What is read is an array of objects with an epoch each, which rises, and numbers alone. */
#include <stdlib.h>

#include "cli/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    json_t *rows, *row, *value;
    const char *key;
    size_t i;
    double before = 0.0;
    minnow_status status = report_log_parse("log", (const char *)data, size, &rows);
    if ((status == MINNOW_OK) != (rows != NULL))
        abort();
    json_array_foreach(rows, i, row) {
        double epoch = json_number_value(json_object_get(row, "epoch"));
        if (!json_is_number(json_object_get(row, "epoch")) || (i > 0 && !(epoch > before)))
            abort();
        before = epoch;
        json_object_foreach(row, key, value) {
            if (!json_is_number(value))
                abort();
        }
    }
    json_decref(rows);
    return 0;
}
