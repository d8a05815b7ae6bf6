/* What a network's file says of how pictures became the samples it was trained on. */
#ifndef MINNOW_CLI_PREPROCESSING_H
#define MINNOW_CLI_PREPROCESSING_H

#include "data/dataset.h"
#include "minnow/minnow.h"

/* Records in the network's metadata ("preprocessing") how the dataset's samples were made from pictures, or that they are
   as MNIST's, which other pictures can be brought to. Nothing of either: nothing is recorded. Errors: MEMORY. */
minnow_status preprocessing_record(minnow_network *network, const minnow_dataset *dataset);

/* What was recorded; the method is PICTURES_UNKNOWN when nothing usable was. The size is then that of the file's
   input_shape, or 0. */
struct picture_recipe preprocessing_read(const minnow_network *network);

#endif
