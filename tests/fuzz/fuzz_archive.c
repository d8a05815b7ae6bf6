/* Archives of arbitrary bytes, from a file in memory: both subsets of what they hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int file = memfd_create("archive", MFD_CLOEXEC);
    if (file < 0)
        return 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (write(file, data, size) != (ssize_t)size)
        abort();

    for (int subset = 0; subset < 2; subset++) {
        minnow_dataset *dataset;
        minnow_status status = dataset_open(path, (minnow_subset)subset, &(struct data_request){0}, &dataset);
        if ((status == MINNOW_OK) != (dataset != NULL))
            abort();
        if (status != MINNOW_OK &&
            (*minnow_last_error() == '\0' || strchr(minnow_last_error(), '\n') != NULL))
            abort();
        minnow_dataset_free(dataset);
    }
    close(file);
    return 0;
}
