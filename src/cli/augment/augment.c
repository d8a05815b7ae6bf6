/* minnow augment: what distortion makes of samples, as a picture. */
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/png.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/distortion.h"
#include "cli/inputs/model_file.h"
#include "data/augmentation/distortion.h"

struct settings {
    const char *data, *size, *output;
    bool transpose;
    uint64_t classes, seed, samples, epochs, zoom;
    struct distortion_settings distortion;
};

static const struct option options[] = {
    DATA_OPTION(struct settings, data, DATA_FORMATS),
    TRANSPOSE_OPTION(struct settings, transpose),
    {.name = "size",
     .value = "WxH",
     .help = "shrink pictures to so many pixels, 28x28 for instance",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, size)},
    CLASSES_OPTION(struct settings, classes),
    {.name = "o",
     .value = "FILE",
     .help = "the picture to write, a PNG file",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct settings, output)},
    {.name = "samples",
     .value = "N",
     .help = "training samples to show, a row each, of all classes in turn",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, samples),
     .least = 1,
     .most = 1000},
    {.name = "epochs",
     .value = "N",
     .help = "show what they become in epochs 1 to N, a column each",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, epochs),
     .least = 1,
     .most = 1000},
    {.name = "zoom",
     .value = "N",
     .help = "pixels of the picture for each of an image, in both directions",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, zoom),
     .least = 1,
     .most = 64},
    SEED_OPTION(struct settings, seed, "of the distortion, as of training"),
    DISTORTION_OPTIONS(struct settings, distortion),
};

/* ---- Which samples ---- */

/* chosen[count]: the first sample of each class in turn, then the second of each, and so on, as far as there are any.
   Returns how many were found. */
static size_t choose(const minnow_dataset *dataset, size_t count, size_t *chosen) {
    size_t found = 0, classes = dataset->classes;
    size_t *next = memory_allocate(classes, sizeof *next); /* where to look for a class's next sample */
    for (size_t tried = 0; next != NULL && found < count && found < dataset->count && tried < count * classes;
         tried++) {
        size_t class = tried % classes, at = next[class];
        while (at < dataset->count && dataset->labels[at] != class)
            at++;
        next[class] = at + (at < dataset->count);
        if (at < dataset->count)
            chosen[found++] = at;
    }
    memory_free(next);
    return found;
}

/* ---- The sheet ---- */

enum { GAP = 2, FIRST_GAP = 8, GREY = 96 }; /* pixels between images, and behind the originals; their shade */

struct sheet {
    const minnow_dataset *dataset;
    struct distortion *distortion;
    size_t *sample; /* [rows] */
    size_t rows, columns, zoom;
    float *image;    /* [features] */
    float low, high; /* the features that become black and white */
    struct png_picture picture;
};

static size_t place(size_t index, size_t side) {
    return GAP + index * (side + GAP);
}

/* Column 0 has the originals. */
static void draw(struct sheet *sheet, size_t row, size_t column) {
    size_t height = sheet->dataset->height, width = sheet->dataset->width, zoom = sheet->zoom;
    struct png_picture *picture = &sheet->picture;
    size_t x = place(column, width * zoom) + (column > 0 ? FIRST_GAP : 0), y = place(row, height * zoom);
    for (size_t i = 0; i < height * zoom; i++)
        for (size_t j = 0; j < width * zoom; j++) {
            float value = sheet->image[i / zoom * width + j / zoom];
            float share = (value - sheet->low) / (sheet->high - sheet->low);
            picture->pixels[(y + i) * picture->width + x + j] = (uint8_t)(share * 255.0f + 0.5f);
        }
}

static void take_original(const struct sheet *sheet, size_t sample) {
    const minnow_dataset *dataset = sheet->dataset;
    for (size_t i = 0; i < dataset->features; i++)
        sheet->image[i] = dataset->bytes != NULL
                              ? (float)dataset->bytes[sample * dataset->features + i] * dataset->scale
                              : dataset->values[sample * dataset->features + i];
}

/* Bytes have a range of their own; of floats it is that of the originals and of the 0 around them, which interpolation
   does not leave. */
static void find_range(struct sheet *sheet) {
    sheet->low = 0.0f;
    sheet->high = sheet->dataset->bytes != NULL ? 255.0f * sheet->dataset->scale : 0.0f;
    for (size_t row = 0; row < sheet->rows && sheet->dataset->bytes == NULL; row++) {
        take_original(sheet, sheet->sample[row]);
        for (size_t i = 0; i < sheet->dataset->features; i++) {
            sheet->low = sheet->image[i] < sheet->low ? sheet->image[i] : sheet->low;
            sheet->high = sheet->image[i] > sheet->high ? sheet->image[i] : sheet->high;
        }
    }
    if (!(sheet->high > sheet->low))
        sheet->high = sheet->low + 1.0f;
}

static void draw_all(struct sheet *sheet) {
    memset(sheet->picture.pixels, GREY, sheet->picture.width * sheet->picture.height);
    find_range(sheet);
    for (size_t row = 0; row < sheet->rows; row++) {
        take_original(sheet, sheet->sample[row]);
        draw(sheet, row, 0);
    }
    for (size_t column = 1; column < sheet->columns; column++) {
        distortion_begin_epoch(sheet->distortion, column - 1);
        for (size_t row = 0; row < sheet->rows; row++) {
            distortion_floats(sheet->distortion, 0, sheet->sample[row], sheet->image);
            draw(sheet, row, column);
        }
    }
}

/* ---- The command ---- */

static minnow_status open_sheet(const struct settings *settings, const struct command_line *line,
                                const minnow_dataset *dataset, struct sheet *sheet) {
    minnow_distortion_config config;
    distortion_settings_to(&settings->distortion, &config);
    *sheet = (struct sheet){
        .dataset = dataset, .columns = (size_t)settings->epochs + 1, .zoom = (size_t)settings->zoom};
    minnow_status status = distortion_create(&config, dataset, line->common.kernels, settings->seed,
                                             team_threads(line->common.threads), &sheet->distortion);
    if (status != MINNOW_OK)
        return status;

    sheet->sample = memory_allocate((size_t)settings->samples, sizeof *sheet->sample);
    sheet->image = memory_allocate(dataset->features, sizeof *sheet->image);
    if (sheet->sample == NULL || sheet->image == NULL)
        return fail_memory("the picture");
    sheet->rows = choose(dataset, (size_t)settings->samples, sheet->sample);

    struct png_picture *picture = &sheet->picture;
    picture->channels = 1;
    picture->width = place(sheet->columns, dataset->width * sheet->zoom) + FIRST_GAP;
    picture->height = place(sheet->rows, dataset->height * sheet->zoom);
    if (picture->width > PNG_SIDE_MOST || picture->height > PNG_SIDE_MOST)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "augment: a picture of %zu × %zu pixels; with fewer --samples, --epochs or --zoom it has "
                    "at most %d "
                    "a side",
                    picture->width, picture->height, PNG_SIDE_MOST);
    picture->pixels = memory_allocate(picture->width, picture->height);
    return picture->pixels != NULL ? MINNOW_OK : fail_memory("the picture");
}

static void close_sheet(struct sheet *sheet) {
    distortion_free(sheet->distortion);
    memory_free(sheet->sample);
    memory_free(sheet->image);
    memory_free(sheet->picture.pixels);
}

static void say(const struct settings *settings, const struct command_line *line, const struct sheet *sheet) {
    const struct png_picture *picture = &sheet->picture;
    if (line->common.json)
        print_json(json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "event", "sheet", "file", settings->output,
                             "samples", (json_int_t)sheet->rows, "epochs", (json_int_t)settings->epochs,
                             "width", (json_int_t)picture->width, "height", (json_int_t)picture->height));
    else
        print("%s: %zu samples, each beside what it becomes in epochs 1 to %llu, %zu × %zu pixels\n",
              settings->output, sheet->rows, (unsigned long long)settings->epochs, picture->width,
              picture->height);
}

static int run_sheet(const struct settings *settings, const struct command_line *line,
                     const minnow_dataset *dataset) {
    struct sheet sheet;
    minnow_status status = open_sheet(settings, line, dataset, &sheet);
    if (status == MINNOW_OK) {
        draw_all(&sheet);
        status = png_save(&sheet.picture, settings->output);
    }
    if (status == MINNOW_OK)
        say(settings, line, &sheet);
    close_sheet(&sheet);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int check(const struct settings *settings, const struct command_line *line) {
    if (settings->output == NULL)
        return problem(STATUS_USAGE, "augment: -o FILE is missing, the picture to write");
    if (png_version() == NULL)
        return problem(STATUS_FAILURE,
                       "augment: this minnow was built without libpng, which writes PNG files");
    int status = distortion_check(line, &settings->distortion);
    if (status == STATUS_SUCCESS)
        status = target_check_spares("augment: -o", settings->output, &settings->data, 1);
    return status == STATUS_SUCCESS ? target_check(settings->output) : status;
}

static int load(const struct settings *settings, const struct command_line *line, struct data *data) {
    struct data_request request = {.classes = (size_t)settings->classes, .transpose = settings->transpose};
    int status = data_picture_options(settings->size, false, &request);
    if (status == STATUS_SUCCESS)
        status = data_load_request(settings->data, true, &request, line->common.threads, data);
    if (status == STATUS_SUCCESS)
        status = data_check_pictures(data, &request);
    if (status == STATUS_SUCCESS)
        status = distortion_check_classes(line->command, &settings->distortion,
                                          minnow_dataset_classes(data->train));
    return status;
}

static int run_augment(const struct command *command, int argc, char **argv) {
    struct settings settings = {.seed = 1, .samples = 10, .epochs = 12, .zoom = 2};
    settings.distortion = distortion_settings_default();
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;

    struct data data = {0};
    status = check(&settings, &line);
    if (status == STATUS_SUCCESS)
        status = load(&settings, &line, &data);
    if (status == STATUS_SUCCESS)
        status = run_sheet(&settings, &line, data.train);
    data_free(&data);
    return status;
}

const struct command command_augment = {
    .name = "augment",
    .words = "distort picture images",
    .summary = "shows how training distorts images: a sheet of them as a PNG picture",
    .usage = "-o FILE [OPTIONS]",
    .about = "Draws training images, in the first column, beside what they become in each epoch of\n"
             "'minnow train' with the same seed and options, pixel for pixel. Here the distortion is\n"
             "the one that --distort stands for, unless options say otherwise.\n",
    .examples = "  minnow augment -o sheet.png\n"
                "  minnow augment --rotate 30 --elastic-alpha 0 -o rotated.png\n"
                "  minnow augment --data ~/fashion --samples 20 --zoom 3 -o fashion.png\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_augment,
};
