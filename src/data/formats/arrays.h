/* For formats that keep features and labels as arrays (IDX, .npy, .npz): arrays into datasets, and into samples
   to predict from. `name` is the file's, for messages. */
#ifndef MINNOW_DATA_FORMATS_ARRAYS_H
#define MINNOW_DATA_FORMATS_ARRAYS_H

#include "base/array.h"
#include "data/dataset.h"
#include "data/formats/format.h"

/* Labels into a dataset, and their count: whole numbers from 0 up, [count] or [count][1]; rows with a single 1
   (one-hot) [count][classes]; or, as QMNIST has them, [count][8], of which the first is the class. Checks them
   against the dataset's classes, see data_format_check_labels. Errors: INPUT, MEMORY. */
minnow_status arrays_read_labels(const char *name, const struct array *array, minnow_dataset *dataset);

/* Features [count][…] into a dataset that has its labels, whose file is `labels_name`. Whole numbers from 0 to
   255 become bytes with the scale of pixels, but not when all are 0 or 1; other numbers are values as they are.
   Sets features, height and width. Errors: INPUT, MEMORY. */
minnow_status arrays_read_features(const char *name, const struct array *array, const char *labels_name,
                                   minnow_dataset *dataset);

/* The same, but the dataset's bytes are those of the array, of type ARRAY_UINT8 in C order, where they are. */
minnow_status arrays_borrow_features(const char *name, const struct array *array, const char *labels_name,
                                     minnow_dataset *dataset);

/* Samples of the array, which points into the stream's bytes, all of which are in memory. On success the bytes
   are taken over and the caller's stream is left empty. Errors: INPUT (samples of another size), MEMORY. */
minnow_status arrays_stream(struct byte_stream *bytes, const struct array *array, size_t features,
                            float scale, struct sample_stream **out);

#endif
