/* What the readers of pictures, from folders and from archives, share. */
#ifndef MINNOW_DATA_FORMATS_PICTURES_H
#define MINNOW_DATA_FORMATS_PICTURES_H

#include "base/file.h"
#include "data/formats/format.h"
#include "data/formats/names.h"
#include "data/pictures/picture.h"

/* Sorts the names of classes: numbers by their size, before names, which are sorted by their letters. */
void picture_sort_classes(struct name_set *classes);

/* Whether there are as many as the dataset is to have. Errors: INPUT. */
minnow_status picture_check_classes(const char *path, const struct name_set *classes,
                                    const minnow_dataset *dataset);

/* The dataset's classes become these, in this order; it takes their names over. */
void picture_name_classes(struct name_set *classes, minnow_dataset *dataset);

/* ---- Pictures into samples ---- */

/* Fills the features of a dataset that has its count, from pictures in any order. The first that is put says the size,
   unless the request does, and then all others must have it. */
struct picture_writer {
    const struct data_request *request;
    minnow_dataset *dataset;
    float *scratch;    /* [features] */
    const char *first; /* its name, which must outlive the writer */
};
minnow_status picture_put(struct picture_writer *writer, size_t sample, const char *name,
                          const struct file_bytes *bytes); /* Errors: INPUT, MEMORY */
void picture_writer_close(struct picture_writer *writer);

/* A picture of the recipe's size is copied; others are resized, with scratch [features]. Errors: MEMORY. */
minnow_status picture_fit(const struct picture *picture, const struct picture_recipe *recipe, float *scratch,
                          uint8_t *out);

/* ---- Archives: picture_archive.c ---- */

/* As those of a format's row, for a zip or tar archive of such folders. */
minnow_status picture_archive_has(const char *path, minnow_subset subset, bool *has);
minnow_status picture_archive_read(const char *path, minnow_subset subset, const struct data_request *request,
                                   minnow_dataset *dataset);

/* Whether a member of an archive is a picture, by its name, and not hidden. */
bool picture_is_member(const char *name);

/* ---- Pictures to predict from: picture_stream.c ---- */

/* Whether a file begins as a picture. */
bool picture_is_file(const char *path);

/* The paths of all pictures in a folder and in those within it, in order: what begins as one, or is called one. A folder
   that links lead to twice is taken once. `unread` gets a line for each folder and each so-called picture that was not
   read, and why. Errors: MEMORY. */
minnow_status picture_list_folder(const char *path, struct name_set *out, struct name_set *unread);

minnow_status picture_stream(struct byte_stream *bytes, const struct sample_form *form,
                             struct sample_stream **out);

#endif
