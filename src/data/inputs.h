/* Samples to predict the labels of, one after the other, from a file or a pipe: an IDX file of images, or CSV
   rows of features, either of them gzip-compressed or not; the content tells which. */
#ifndef MINNOW_DATA_INPUTS_H
#define MINNOW_DATA_INPUTS_H

#include "base/stream.h"
#include "minnow/minnow.h"

struct inputs;

/* Takes the stream over and leaves it empty, even when it fails. features: of a sample, 1 to 65536. scale:
   turns a byte into a feature; in CSV, a row whose values are all bytes / 256 is taken for bytes, as datasets
   take it, and any other for features as they are. What is compressed is expanded whole: at most 2 GiB.
   Errors: INPUT (also images of another size), MEMORY. */
minnow_status inputs_open(struct byte_stream *stream, size_t features, float scale, struct inputs **out);

/* Up to `most` samples to values [most][features]; *count is 0 when there are no more. Fewer than `most` come
   when the next would have to be waited for. An error concerns what follows the *count samples before it.
   Errors: INPUT, MEMORY. */
minnow_status inputs_read(struct inputs *inputs, size_t most, float *values, size_t *count);
void inputs_close(struct inputs *inputs);

#endif
