/* The table of data formats. A format is one file of this folder that defines a row, and the row's line in
   formats.c; everything else that reads, writes or converts data goes through the table. */
#ifndef MINNOW_DATA_FORMATS_FORMAT_H
#define MINNOW_DATA_FORMATS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "data/dataset.h"
#include "minnow/minnow.h"

/* Samples without labels, read one after the other from a byte stream. A format's own struct begins with this
   one. */
struct sample_stream {
    /* The next sample to values [features]; *got, false at first, becomes true when there was one. Without
       `wait`, a sample that the writer of a pipe has not sent whole is left for the next call. Errors: INPUT,
       MEMORY. */
    minnow_status (*next)(struct sample_stream *samples, bool wait, float *values, bool *got);
    void (*close)(struct sample_stream *samples);

    bool
        bad_sample; /* of a `next` that failed: only this sample is bad, and the next call reads on behind it */
    bool has_features; /* there was a sample of features, which were not scaled */
};

/* What samples to predict from are to become. */
struct sample_form {
    size_t features;
    float scale; /* a byte b becomes b · scale */
    struct picture_recipe pictures;
};

struct data_format {
    const char *name; /* as `minnow convert --to` takes it */
    const char *help; /* what its files hold, for help texts */

    /* What a folder must hold of each subset, for messages: a file name and what may be added to it. Indexed
       by minnow_subset, as all that has one entry a subset. */
    const char *files[2];

    /* Whether data that nobody names may be of this format: those of MNIST's kind, which minnow looks for. A network of
       other data is not tested on them. */
    bool is_default;

    /* Whether the folder, or the file, holds the subset in this format. The files need not be readable or
       complete: `read` tells what is wrong with them. Errors: MEMORY. */
    minnow_status (*has)(const char *path, minnow_subset subset, bool *has);

    /* Whether these may be the first bytes of a stream of samples (expanded, if it was compressed). There are
       at least two unless the stream is shorter. NULL with `stream`. A format that needs more of them to be certain answers
       false; it is asked again when more have come, up to DATA_FORMAT_PEEK. */
    bool (*recognise)(const uint8_t *bytes, size_t size);

    /* Reads the subset into a dataset that has its `source` and `classes` and is otherwise empty; the caller
       frees it after a failure. A source that knows no subsets is read whole, and dataset->whole set.
       Errors: INPUT, MEMORY. */
    minnow_status (*read)(const char *path, minnow_subset subset, const struct data_request *request,
                          minnow_dataset *dataset);

    /* Writes a subset of the folder, which is created if it is missing: all of its files or none. NULL: the
       format is only read. Errors: OUTPUT, ARGUMENT (the format cannot hold these features or labels),
       MEMORY. */
    minnow_status (*write)(const minnow_dataset *dataset, minnow_subset subset, const char *folder);

    /* Samples of form->features values to predict from; NULL: there are none without labels. On success the bytes are taken
       over and the caller's stream is left empty. Errors: INPUT, MEMORY. */
    minnow_status (*stream)(struct byte_stream *bytes, const struct sample_form *form,
                            struct sample_stream **out);
};

enum { DATA_FORMAT_PEEK = 512 };

/* In order of preference: a folder or stream that fits several rows is read by the first. */
extern const struct data_format *const data_formats[];
extern const size_t data_format_count;

/* The optional libraries that formats need, and whether this build has them. */
struct data_library {
    const char *name, *reads;
    bool built;
};
extern const struct data_library data_libraries[];
extern const size_t data_library_count;

/* The row of that name, or NULL. */
const struct data_format *data_format_find(const char *name);

/* The row that dataset_open reads the subset of the folder with; NULL when the folder holds none. Errors:
   MEMORY. */
minnow_status data_format_of_folder(const char *folder, minnow_subset subset, const struct data_format **out);

/* The row that these first bytes fit, or NULL. */
const struct data_format *data_format_recognise(const uint8_t *bytes, size_t size);

/* Labels of `path` must be below the dataset's number of classes; when that is 0, it becomes what the largest
   label needs. Labels from 1 up to the number of classes, as EMNIST's letters have them, are lowered by one.
   Readers call it before they read the features, which are the larger file. Errors: INPUT. */
minnow_status data_format_check_labels(const char *path, minnow_dataset *dataset);

/* values[i] = bytes[i] · scale, for readers of samples. */
void sample_from_bytes(const uint8_t *bytes, size_t features, float scale, float *values);

/* ---- The rows, each defined in its own file ---- */

extern const struct data_format cifar_format, csv_format, idx_format, libsvm_format, npy_format, npz_format,
    pictures_format;

#endif
