/* Several outputs of one folder that belong together: all are complete and on disk before the first takes its
   place, so that a failure leaves the folder as it was. */
#ifndef MINNOW_BASE_OUTPUT_FOLDER_H
#define MINNOW_BASE_OUTPUT_FOLDER_H

#include "base/output.h"

struct output_folder;

/* Makes the folder if it is missing. Errors: OUTPUT, MEMORY. */
minnow_status output_folder_open(const char *path, struct output_folder **out);

/* Starts the file `name` in it. *out is the folder's, to be written to until output_folder_close. Errors: OUTPUT,
   MEMORY; the folder is then still to be closed. */
minnow_status output_folder_add(struct output_folder *folder, const char *name, struct output **out);

/* Releases the folder. If `status`, the outcome so far, is success, the files take their places; otherwise they
   are removed, and so is the folder if output_folder_open has made it. Returns the first failure. Errors: OUTPUT. */
minnow_status output_folder_close(struct output_folder *folder, minnow_status status);

#endif
