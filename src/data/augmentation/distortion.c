#include "data/augmentation/distortion.h"

#include <math.h>
#include <string.h>

#include "base/exact_math.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "base/team.h"
#include "data/augmentation/fields.h"

/* Around an image lie zeros: a column and a row before it and two behind are as far as interpolation reaches, and
   the kernel wants two columns more (see operations.h). */
enum { BEFORE = 1, COLUMNS_BEHIND = 4, ROWS_BEHIND = 2 };

/* The kernel counts the pixels of an image with its surroundings in floats. */
enum { SIDE_LEAST = 2, SIDE_MOST = 2048 };

struct distortion {
    minnow_distortion_config config;
    const minnow_dataset *dataset;
    const struct kernels *kernels;
    uint64_t seed;
    uint32_t epoch;
    unsigned threads;

    size_t plane;         /* floats from the columns of the grid to its rows */
    float *grid;          /* [2][plane]: each pixel's place, from the middle of the image */
    struct fields fields; /* count 0: none */

    /* [threads]: an image with its surroundings, and one as bytes, on its way to floats. */
    size_t pixel_size, rows, stride; /* of the former: bytes of a pixel, rows, pixels from row to row */
    size_t scratch_size;
    unsigned char *scratch;
};

/* ---- Making and releasing ---- */

static minnow_status check_images(const minnow_dataset *dataset) {
    if (dataset->height == 0)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%s: only images can be distorted, and these samples are rows of %zu numbers",
                    dataset->source, dataset->features);
    if (size_min(dataset->height, dataset->width) < SIDE_LEAST || dataset->height > SIDE_MOST ||
        dataset->width > SIDE_MOST)
        return fail(MINNOW_ERROR_ARGUMENT,
                    "%s: images of %zu × %zu pixels cannot be distorted, only those with sides of %d to %d",
                    dataset->source, dataset->height, dataset->width, SIDE_LEAST, SIDE_MOST);
    return MINNOW_OK;
}

static void fill_grid(struct distortion *d) {
    size_t height = d->dataset->height, width = d->dataset->width;
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width; j++) {
            d->grid[i * width + j] = (float)j - 0.5f * (float)(width - 1);
            d->grid[d->plane + i * width + j] = (float)i - 0.5f * (float)(height - 1);
        }
}

static minnow_status allocate(struct distortion *d) {
    const minnow_dataset *dataset = d->dataset;
    d->plane = size_round_up(dataset->features, CACHE_LINE_FLOATS);
    d->grid = memory_allocate(2 * d->plane, sizeof *d->grid);

    d->pixel_size = dataset->bytes != NULL ? sizeof *dataset->bytes : sizeof *dataset->values;
    d->rows = BEFORE + dataset->height + ROWS_BEHIND;
    d->stride = size_round_up(BEFORE + dataset->width + COLUMNS_BEHIND, CACHE_LINE / d->pixel_size);
    d->scratch_size = d->rows * d->stride * d->pixel_size + size_round_up(dataset->features, CACHE_LINE);
    d->scratch = memory_allocate(d->threads, d->scratch_size);
    if (d->grid == NULL || d->scratch == NULL)
        return fail_memory("the distortion of images");

    fill_grid(d);
    return d->config.elastic_alpha > 0.0
               ? fields_open(&d->config, dataset->height, dataset->width, d->kernels, d->threads, &d->fields)
               : MINNOW_OK;
}

minnow_status distortion_create(const minnow_distortion_config *config, const minnow_dataset *dataset,
                                const struct kernels *kernels, uint64_t seed, unsigned threads,
                                struct distortion **out) {
    *out = NULL;
    minnow_status status = check_images(dataset);
    if (status != MINNOW_OK)
        return status;
    struct distortion *d = memory_allocate(1, sizeof *d);
    if (d == NULL)
        return fail_memory("the distortion of images");

    d->config = *config;
    d->dataset = dataset;
    d->kernels = kernels;
    d->seed = seed;
    d->threads = threads;
    status = allocate(d);
    if (status == MINNOW_OK)
        *out = d;
    else
        distortion_free(d);
    return status;
}

void distortion_free(struct distortion *distortion) {
    if (distortion == NULL)
        return;
    fields_close(&distortion->fields);
    memory_free(distortion->grid);
    memory_free(distortion->scratch);
    memory_free(distortion);
}

/* ---- Each epoch ---- */

static void draw_fields(struct team_member member, void *context) {
    struct distortion *d = context;
    fields_draw(&d->fields, d->seed, d->epoch, member);
}

void distortion_begin_epoch(struct distortion *distortion, size_t epoch) {
    distortion->epoch = (uint32_t)epoch;
    if (distortion->fields.count > 0)
        team_run(distortion->threads, draw_fields, distortion);
}

/* ---- Each sample ---- */

/* In [-most, most). */
static double amount(uint32_t word, double most) {
    return (2.0 * random_unit(word) - 1.0) * most;
}

/* What is drawn for a sample: words 0 to 3 of the first block, 0 to 2 of the second. */
enum { SHIFT_ACROSS, SHIFT_DOWN, ROTATION, SHEAR };
enum { SCALE_ACROSS, SCALE_DOWN, FIELD };

static struct random_block draw(const struct distortion *d, size_t sample, uint32_t which) {
    return random_draw(d->seed, RANDOM_DISTORTION, d->epoch, (uint32_t)sample, which);
}

static bool is_gentle(const struct distortion *d, size_t sample) {
    uint32_t label = d->dataset->labels[sample];
    return d->dataset->targets == NULL && label < 64 && (d->config.gentle_classes >> label & 1) != 0;
}

/* The content of the image is scaled, sheared, rotated and shifted, in this order, about its middle: a point p goes to
   R·K·S·p + t, with S = (a 0; 0 b), K = (1 k; 0 1) and R = (cos -sin; sin cos). A pixel at q of the result is
   therefore to be looked up at S⁻¹·K⁻¹·R⁻¹·(q - t). All of it in double, and then rounded. */
static void make_map(const struct distortion *d, size_t sample, const struct random_block *second,
                     float map[6]) {
    const minnow_distortion_config *config = &d->config;
    struct random_block first = draw(d, sample, 0);
    double gentle = is_gentle(d, sample) ? 0.5 : 1.0;
    double turn = gentle * amount(first.word[ROTATION], config->rotation) / 360.0;
    double k = gentle * amount(first.word[SHEAR], config->shear);
    double across = amount(first.word[SHIFT_ACROSS], config->shift);
    double down = amount(first.word[SHIFT_DOWN], config->shift);
    double a = 1.0 + amount(second->word[SCALE_ACROSS], config->scale);
    double b = 1.0 + amount(second->word[SCALE_DOWN], config->scale);
    double cosine = exact_cos_turn(turn), sine = exact_sin_turn(turn);

    double m[4] = {(cosine + k * sine) / a, (sine - k * cosine) / a, -sine / b, cosine / b};
    map[0] = (float)m[0];
    map[1] = (float)m[1];
    map[2] = (float)(BEFORE + 0.5 * (double)(d->dataset->width - 1) - (m[0] * across + m[1] * down));
    map[3] = (float)m[2];
    map[4] = (float)m[3];
    map[5] = (float)(BEFORE + 0.5 * (double)(d->dataset->height - 1) - (m[2] * across + m[3] * down));
}

static const float *choose_field(const struct distortion *d, const struct random_block *second) {
    if (d->fields.count == 0)
        return NULL;
    return fields_at(&d->fields, (size_t)((uint64_t)second->word[FIELD] * d->fields.count >> 32));
}

/* The pixels of a sample, bytes or floats. */
static const unsigned char *pixels_of(const struct distortion *d, size_t sample) {
    const minnow_dataset *dataset = d->dataset;
    size_t offset = sample * dataset->features * d->pixel_size;
    return (dataset->bytes != NULL ? dataset->bytes : (const unsigned char *)dataset->values) + offset;
}

/* The sample with its surroundings, which stay zeros. */
static const void *surround(const struct distortion *d, unsigned thread, size_t sample) {
    size_t width = d->dataset->width * d->pixel_size, stride = d->stride * d->pixel_size;
    unsigned char *image = d->scratch + thread * d->scratch_size;
    unsigned char *to = image + BEFORE * stride + BEFORE * d->pixel_size;
    const unsigned char *from = pixels_of(d, sample);
    for (size_t i = 0; i < d->dataset->height; i++)
        memcpy(to + i * stride, from + i * width, width);
    return image;
}

/* Resamples into bytes or floats, as the dataset has. */
static void resample(const struct distortion *d, unsigned thread, size_t sample, void *out) {
    size_t columns = BEFORE + d->dataset->width + COLUMNS_BEHIND, features = d->dataset->features;
    struct random_block second = draw(d, sample, 1);
    const float *field = choose_field(d, &second);
    const void *image = surround(d, thread, sample);
    float map[6];
    make_map(d, sample, &second, map);
    if (d->dataset->bytes != NULL)
        d->kernels->resample_bytes(d->rows, columns, features, image, d->stride, map, d->grid, d->plane,
                                   field, d->plane, out);
    else
        d->kernels->resample_floats(d->rows, columns, features, image, d->stride, map, d->grid, d->plane,
                                    field, d->plane, out);
}

__attribute__((always_inline)) static inline void prefetch(const void *from, size_t size) {
    for (size_t at = 0; at < size; at += CACHE_LINE)
        __builtin_prefetch((const char *)from + at);
}

void distortion_prefetch(const struct distortion *distortion, size_t sample) {
    const struct distortion *d = distortion;
    prefetch(pixels_of(d, sample), d->dataset->features * d->pixel_size);
    if (d->fields.count == 0)
        return;
    struct random_block second = draw(d, sample, 1);
    prefetch(choose_field(d, &second), 2 * d->plane * sizeof(float));
}

void distortion_bytes(const struct distortion *distortion, unsigned thread, size_t sample, uint8_t *out) {
    resample(distortion, thread, sample, out);
}

void distortion_floats(const struct distortion *distortion, unsigned thread, size_t sample, float *out) {
    const struct distortion *d = distortion;
    size_t features = d->dataset->features;
    if (d->dataset->bytes != NULL) {
        uint8_t *bytes = d->scratch + thread * d->scratch_size + d->rows * d->stride;
        resample(d, thread, sample, bytes);
        d->kernels->gather_bytes(1, features, bytes, features, NULL, d->dataset->scale, out, features);
    } else {
        resample(d, thread, sample, out);
    }
}
