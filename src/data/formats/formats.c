#include <string.h>

#include "base/status.h"
#include "data/dataset.h"
#include "data/formats/format.h"

const struct data_format *const data_formats[] = {
    &idx_format, &pictures_format, &npz_format, /* takes whatever archive is none of pictures */
    &npy_format, &libsvm_format,   &cifar_format, &csv_format, /* recognises whatever is none of the others */
};
const size_t data_format_count = sizeof data_formats / sizeof data_formats[0];

const struct data_library data_libraries[] = {
#ifdef MINNOW_HAVE_ARCHIVE
    {"libarchive", "zip, tar and .npz", true},
#else
    {"libarchive", "zip, tar and .npz", false},
#endif
#ifdef MINNOW_HAVE_PNG
    {"libpng", "PNG pictures", true},
#else
    {"libpng", "PNG pictures", false},
#endif
#ifdef MINNOW_HAVE_JPEG
    {"libjpeg", "JPEG pictures", true},
#else
    {"libjpeg", "JPEG pictures", false},
#endif
};
const size_t data_library_count = sizeof data_libraries / sizeof data_libraries[0];

const struct data_format *data_format_find(const char *name) {
    for (size_t i = 0; i < data_format_count; i++)
        if (strcmp(data_formats[i]->name, name) == 0)
            return data_formats[i];
    return NULL;
}

minnow_status data_format_of_folder(const char *folder, minnow_subset subset,
                                    const struct data_format **out) {
    *out = NULL;
    for (size_t i = 0; i < data_format_count; i++) {
        bool has;
        minnow_status status = data_formats[i]->has(folder, subset, &has);
        if (status != MINNOW_OK)
            return status;

        if (has) {
            *out = data_formats[i];
            break;
        }
    }
    return MINNOW_OK;
}

const struct data_format *data_format_recognise(const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < data_format_count; i++)
        if (data_formats[i]->recognise != NULL && data_formats[i]->recognise(bytes, size))
            return data_formats[i];
    return NULL;
}

minnow_status data_format_check_labels(const char *path, minnow_dataset *dataset) {
    uint32_t least = UINT32_MAX, largest = 0;
    for (size_t i = 0; i < dataset->count; i++) {
        uint32_t label = dataset->labels[i];
        least = label < least ? label : least;
        largest = label > largest ? label : largest;
    }

    if (dataset->label_columns != 0 && dataset->classes == 0)
        dataset->classes = dataset->label_columns;
    size_t classes = dataset->classes != 0 ? dataset->classes : DATASET_CLASSES_MAX;
    bool from_one = least == 1 && dataset->classes != 0 && largest == classes && dataset->label_columns == 0;
    for (size_t i = 0; i < dataset->count && !from_one; i++)
        if (dataset->labels[i] >= classes)
            return fail(MINNOW_ERROR_INPUT,
                        "%s: label %u at item %zu, expected 0 to %zu; is it data for more classes?", path,
                        dataset->labels[i], i, classes - 1);

    if (from_one)
        dataset_labels_from_one(dataset);
    if (dataset->classes == 0)
        dataset->classes = (size_t)largest + 1;
    return MINNOW_OK;
}

void sample_from_bytes(const uint8_t *bytes, size_t features, float scale, float *values) {
    for (size_t i = 0; i < features; i++)
        values[i] = (float)bytes[i] * scale;
}
