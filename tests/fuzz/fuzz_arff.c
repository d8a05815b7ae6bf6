/* ARFF of arbitrary bytes: what is accepted becomes CSV within the room that was made for it, with a line a row; and what the
   reader of tables makes of it. */
#include <stdlib.h>
#include <string.h>

#include "data/formats/arff.h"
#include "data/table/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_message(minnow_status status) {
    if (status != MINNOW_OK && (*minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct file_bytes csv;
    minnow_status status = arff_to_csv("input", data, size, &csv);
    expect_message(status);
    if ((status == MINNOW_OK) != (csv.data != NULL))
        abort();
    if (status == MINNOW_OK) {
        struct table *table;
        struct table_options options = {.threads = 1};
        expect_message(table_from_memory("input", (const char *)csv.data, csv.size, &options, &table));
        table_free(table);
        file_bytes_free(&csv);
    }
    arff_detect(data, size);
    return 0;
}
