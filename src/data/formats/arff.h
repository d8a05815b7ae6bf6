/* ARFF, Weka's text of tables: a header that names each attribute and its type, then rows separated by commas, in quotes of
   either kind where needed, with '?' for a gap. What follows the header is nearly CSV, and so it is rewritten as CSV in
   memory, which the reader of tables takes from there. */
#ifndef MINNOW_DATA_FORMATS_ARFF_H
#define MINNOW_DATA_FORMATS_ARFF_H

#include <stdbool.h>

#include "base/file.h"

/* Whether the text begins, behind comments and blank lines, with "@relation" in letters of either case. */
bool arff_detect(const uint8_t *bytes, size_t size);

/* The same table as CSV: a header of names, then a line a row. Errors: INPUT (also: rows of the sparse form), MEMORY. */
minnow_status arff_to_csv(const char *name, const uint8_t *bytes, size_t size, struct file_bytes *out);

#endif
