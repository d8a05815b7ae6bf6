#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/data/data.h"
#include "cli/frame/draw.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "data/dataset.h"

enum { CLASSES_SHOWN = 100 };

/* Up to the largest label. */
static size_t *count_classes(const minnow_dataset *dataset, size_t *classes) {
    *classes = 0;
    for (size_t i = 0; i < dataset->count; i++)
        if (dataset->labels[i] >= *classes)
            *classes = dataset->labels[i] + 1;
    size_t *counts = memory_allocate(*classes, sizeof *counts);
    for (size_t i = 0; counts != NULL && i < dataset->count; i++)
        counts[dataset->labels[i]]++;
    return counts;
}

static void print_class(const minnow_dataset *dataset, size_t class, size_t count) {
    print("%s", class == 0 ? " " : ", ");
    if (dataset->class_names != NULL)
        print_harmless(dataset->class_names[class]);
    else
        print("%zu", class);
    print(": %zu", count);
}

static void print_set(const char *name, const minnow_dataset *dataset, const size_t *counts, size_t classes) {
    const struct colours *colour = output_colours();
    print("%s%-9s%s%zu samples of %zu %s", colour->bold, name, colour->plain, dataset->count,
          dataset->features, dataset->bytes != NULL ? "bytes" : "numbers");
    if (dataset->height > 0)
        print(" (%zu x %zu)", dataset->height, dataset->width);
    print(", %zu classes:", classes);
    for (size_t c = 0; c < classes && c < CLASSES_SHOWN; c++)
        print_class(dataset, c, counts[c]);
    print("%s\n", classes > CLASSES_SHOWN ? ", ..." : "");
}

static json_t *json_set(const minnow_dataset *dataset, const size_t *counts, size_t classes) {
    json_t *array = json_array();
    for (size_t c = 0; c < classes; c++)
        json_array_append_new(array, json_integer((json_int_t)counts[c]));
    return json_pack("{s:I, s:I, s:s, s:[I, I], s:o}", "samples", (json_int_t)dataset->count, "features",
                     (json_int_t)dataset->features, "values", dataset->bytes != NULL ? "bytes" : "numbers",
                     "shape", (json_int_t)dataset->height, (json_int_t)dataset->width, "classes", array);
}

int data_describe_samples(const char *path, const struct data_settings *settings,
                          const struct common_options *common) {
    static const char *const names[] = {"training", "test"};
    struct data data;
    struct data_request request = {0};
    int status = data_picture_options(settings->size, settings->colour, &request);
    if (status == STATUS_SUCCESS)
        status = data_load_request(path, true, &request, common->threads, &data);
    if (status != STATUS_SUCCESS)
        return status;
    status = data_check_pictures(&data, &request);
    if (status != STATUS_SUCCESS)
        data_free(&data);
    if (status != STATUS_SUCCESS)
        return status;

    const minnow_dataset *set[] = {data.train, data.test};
    json_t *object = json_pack("{s:s}", "data", data_source_name(&data.source));
    for (size_t i = 0; i < 2 && status == STATUS_SUCCESS; i++) {
        size_t classes, *counts = count_classes(set[i], &classes);
        if (counts == NULL)
            status = problem(STATUS_FAILURE, "not enough memory to count %zu classes", classes);
        else if (common->json)
            json_object_set_new(object, names[i], json_set(set[i], counts, classes));
        else
            print_set(names[i], set[i], counts, classes);
        memory_free(counts);
    }

    if (status == STATUS_SUCCESS && common->json)
        print_json(json_incref(object));
    else if (status == STATUS_SUCCESS && data.train->bytes != NULL && data.train->height > 0)
        drawing_print_first(&(struct drawing){data.train->height, data.train->width, 1}, data.train->bytes,
                            data.train->count);
    json_decref(object);
    data_free(&data);
    return status == STATUS_SUCCESS && !print_flush() ? STATUS_FAILURE : status;
}
