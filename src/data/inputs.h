/* Samples to predict the labels of, one after the other, from a file or a pipe in any of the formats of
   formats/format.h, compressed with gzip or not. The content tells the format, not the name. */
#ifndef MINNOW_DATA_INPUTS_H
#define MINNOW_DATA_INPUTS_H

#include "base/stream.h"
#include "minnow/minnow.h"

struct inputs;

/* Takes the stream over and leaves the caller's empty, whether it succeeds or fails. Samples have `features`
   values, 1 to 65536. A byte b of an image becomes the value b · scale. A row of CSV whose values are all
   bytes / 256 is taken for bytes, as in datasets; any other row is taken for values as they are. Compressed
   content is expanded as a whole, to at most 2 GiB. Errors: INPUT (also samples of another size), MEMORY. */
minnow_status inputs_open(struct byte_stream *stream, size_t features, float scale, struct inputs **out);

/* The same, saying also what pictures become. Without a method, they are brought to what MNIST's are when there are as
   many features as those have. */
struct sample_form;
minnow_status inputs_open_form(struct byte_stream *stream, const struct sample_form *form,
                               struct inputs **out);

struct sample_stream;
/* Takes over samples that come from elsewhere, also when it fails. Errors: MEMORY. */
minnow_status inputs_from_samples(const char *name, size_t features, struct sample_stream *samples,
                                  struct inputs **out);

/* Up to `most` samples to values [most][features]. *count is how many there are: fewer than `most` when the
   next one would have to be waited for, and 0 when there are no more. After an error, *count samples were
   read before it, and are valid. Errors: INPUT, MEMORY. */
minnow_status inputs_read(struct inputs *inputs, size_t most, float *values, size_t *count);

/* After an inputs_read that failed: whether only the next sample is bad, and reading may go on behind it. */
bool inputs_sample_is_bad(const struct inputs *inputs);
/* Whether there was a sample of values as they are, for which `scale` had no effect. */
bool inputs_have_features(const struct inputs *inputs);

/* Whether they are one picture, which goes by its file's name. */
bool inputs_are_picture(const struct inputs *inputs);

void inputs_close(struct inputs *inputs);

#endif
