/* Distortion against its definition in minnow.h, once more in double precision, by libm and by plain sums. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "data/augmentation/distortion.h"
#include "data/dataset.h"

enum { HEIGHT = 13, WIDTH = 18, PIXELS = HEIGHT * WIDTH, COUNT = 40, CLASSES = 10 };

/* ---- Samples ---- */

static uint8_t byte_at(size_t sample, size_t pixel) {
    uint32_t word = random_draw(7, RANDOM_INIT, 0, (uint32_t)sample, (uint32_t)pixel).word[0];
    return word % 3 == 0 ? (uint8_t)(word >> 24) : 0;
}

static minnow_dataset *images(bool as_bytes) {
    static uint8_t bytes[COUNT * PIXELS];
    static float values[COUNT * PIXELS];
    static uint32_t labels[COUNT];
    for (size_t s = 0; s < COUNT; s++) {
        labels[s] = (uint32_t)s % CLASSES;
        for (size_t i = 0; i < PIXELS; i++) {
            bytes[s * PIXELS + i] = byte_at(s, i);
            values[s * PIXELS + i] = (float)byte_at(s, i) - 100.0f;
        }
    }
    minnow_dataset *dataset;
    minnow_status status =
        as_bytes ? minnow_dataset_from_bytes(bytes, labels, COUNT, PIXELS, CLASSES, 0x1p-8f, &dataset)
                 : minnow_dataset_from_floats(values, labels, COUNT, PIXELS, CLASSES, &dataset);
    cr_assert_eq(status, MINNOW_OK, "%s", minnow_last_error());
    cr_assert_eq(minnow_dataset_set_image_size(dataset, HEIGHT, WIDTH), MINNOW_OK);
    return dataset;
}

static minnow_distortion_config none(void) {
    minnow_distortion_config config;
    minnow_distortion_config_init(&config, sizeof config);
    config.shift = config.rotation = config.scale = config.shear = config.elastic_alpha = 0.0;
    config.elastic_fields = 9;
    return config;
}

static minnow_distortion_config all(void) {
    minnow_distortion_config config = none();
    config.shift = 2.5;
    config.rotation = 40.0;
    config.scale = 0.3;
    config.shear = 0.4;
    config.elastic_alpha = 20.0;
    config.elastic_sigma = 3.0;
    config.gentle_classes = 1u << 1 | 1u << 7;
    return config;
}

static minnow_dataset *distorted(const minnow_dataset *dataset, const minnow_distortion_config *config,
                                 uint64_t seed, size_t epoch, unsigned threads) {
    minnow_dataset *out;
    cr_assert_eq(minnow_dataset_distort(dataset, config, seed, epoch, threads, &out), MINNOW_OK, "%s",
                 minnow_last_error());
    return out;
}

/* ---- The definition ---- */

static double uniform(uint32_t word) {
    return 2.0 * (word * 0x1p-32) - 1.0;
}

/* A field's noise, [2][HEIGHT][WIDTH], by columns and by rows. */
static void draw_noise(uint64_t seed, size_t epoch, size_t field, double *noise) {
    for (uint32_t i = 0; i < 2 * PIXELS; i++) {
        uint32_t word = random_draw(seed, RANDOM_FIELDS, (uint32_t)epoch, (uint32_t)field, i / 4).word[i % 4];
        noise[i] = (double)(word >> 8) * 0x1p-23 - 1.0 + 0x1p-24;
    }
}

static size_t round_the_edge(long index, size_t side) {
    long n = (long)side;
    return (size_t)((index % n + n) % n);
}

/* By the noise [HEIGHT][WIDTH], which continues periodically. */
static double displacement(const minnow_distortion_config *config, const double *noise, long row,
                           long column) {
    long reach = (long)(6.0 * config->elastic_sigma);
    double sum = 0.0, total = 0.0, sharpness = 0.5 / (config->elastic_sigma * config->elastic_sigma);
    for (long i = -reach; i <= reach; i++) {
        const double *line = noise + round_the_edge(row + i, HEIGHT) * WIDTH;
        double across = 0.0, weights = 0.0, down = exp(-sharpness * (double)(i * i));
        for (long j = -reach; j <= reach; j++) {
            double weight = exp(-sharpness * (double)(j * j));
            across += weight * line[round_the_edge(column + j, WIDTH)];
            weights += weight;
        }
        sum += down * across;
        total += down * weights;
    }
    return config->elastic_alpha * sum / total;
}

static double pixel_at(const minnow_dataset *dataset, size_t sample, long row, long column) {
    if (row < 0 || row >= HEIGHT || column < 0 || column >= WIDTH)
        return 0.0;
    size_t at = sample * PIXELS + (size_t)(row * WIDTH + column);
    return dataset->bytes != NULL ? dataset->bytes[at] : (double)dataset->values[at];
}

static double between(const minnow_dataset *dataset, size_t sample, double row, double column) {
    long r = (long)floor(row), c = (long)floor(column);
    double down = row - floor(row), right = column - floor(column);
    return (1 - down) *
               ((1 - right) * pixel_at(dataset, sample, r, c) + right * pixel_at(dataset, sample, r, c + 1)) +
           down * ((1 - right) * pixel_at(dataset, sample, r + 1, c) +
                   right * pixel_at(dataset, sample, r + 1, c + 1));
}

/* The inverse of R·K·S = (m[0] m[1]; m[2] m[3]), by Cramer's rule, applied to what is left of the shift. */
static double expected(const minnow_dataset *dataset, const minnow_distortion_config *config, uint64_t seed,
                       size_t epoch, size_t sample, long row, long column) {
    struct random_block first = random_draw(seed, RANDOM_DISTORTION, (uint32_t)epoch, (uint32_t)sample, 0);
    struct random_block second = random_draw(seed, RANDOM_DISTORTION, (uint32_t)epoch, (uint32_t)sample, 1);
    double gentle = config->gentle_classes >> dataset->labels[sample] & 1 ? 0.5 : 1.0;
    double turn = gentle * uniform(first.word[2]) * config->rotation * acos(-1.0) / 180.0;
    double k = gentle * uniform(first.word[3]) * config->shear;
    double a = 1.0 + uniform(second.word[0]) * config->scale,
           b = 1.0 + uniform(second.word[1]) * config->scale;
    double m[4] = {cos(turn) * a, (cos(turn) * k - sin(turn)) * b, sin(turn) * a,
                   (sin(turn) * k + cos(turn)) * b};

    double x = (double)column - 0.5 * (WIDTH - 1) - uniform(first.word[0]) * config->shift;
    double y = (double)row - 0.5 * (HEIGHT - 1) - uniform(first.word[1]) * config->shift;
    double determinant = m[0] * m[3] - m[1] * m[2];
    double across = (m[3] * x - m[1] * y) / determinant + 0.5 * (WIDTH - 1);
    double down = (m[0] * y - m[2] * x) / determinant + 0.5 * (HEIGHT - 1);
    if (config->elastic_alpha > 0) {
        size_t field = (size_t)((double)second.word[2] * 0x1p-32 * (double)config->elastic_fields);
        static double noise[2 * PIXELS];
        draw_noise(seed, epoch, field, noise);
        across += displacement(config, noise, row, column);
        down += displacement(config, noise + PIXELS, row, column);
    }
    return between(dataset, sample, down, across);
}

static void compare(bool as_bytes, const minnow_distortion_config *config, size_t epoch, size_t samples) {
    const uint64_t seed = 0x123456789abcu;
    minnow_dataset *dataset = images(as_bytes), *found = distorted(dataset, config, seed, epoch, 2);
    for (size_t s = 0; s < samples; s++)
        for (long row = 0; row < HEIGHT; row++)
            for (long column = 0; column < WIDTH; column++) {
                double value = expected(dataset, config, seed, epoch, s, row, column);
                double is = pixel_at(found, s, row, column);
                cr_assert(fabs(is - value) <= (as_bytes ? 0.505 : 0.005),
                          "sample %zu, pixel %ld, %ld: %.4f, expected %.4f", s, row, column, is, value);
            }
    minnow_dataset_free(dataset);
    minnow_dataset_free(found);
}

Test(distortion, is_as_defined) {
    minnow_distortion_config everything = all(), affine = all(), wide = none();
    affine.elastic_alpha = 0.0;
    wide.elastic_alpha = 60.0;
    wide.elastic_sigma = 25.0; /* its Gaussian goes round the image several times */
    compare(true, &affine, 0, COUNT);
    compare(false, &affine, 3, COUNT);
    compare(true, &everything, 2, 14);
    compare(false, &everything, 0, 14);
    compare(false, &wide, 1, 2);
}

/* ---- What else it promises ---- */

static bool same_pixels(const minnow_dataset *a, const minnow_dataset *b) {
    return a->bytes != NULL ? memcmp(a->bytes, b->bytes, COUNT * PIXELS) == 0
                            : memcmp(a->values, b->values, COUNT * PIXELS * sizeof(float)) == 0;
}

static size_t different(const minnow_dataset *a, const minnow_dataset *b) {
    size_t count = 0;
    for (size_t s = 0; s < COUNT; s++)
        count += memcmp(a->bytes + s * PIXELS, b->bytes + s * PIXELS, PIXELS) != 0;
    return count;
}

Test(distortion, that_is_none_leaves_every_bit) {
    minnow_distortion_config config = none();
    for (int as_bytes = 0; as_bytes < 2; as_bytes++) {
        minnow_dataset *dataset = images(as_bytes != 0), *found = distorted(dataset, &config, 1, 0, 1);
        cr_expect(same_pixels(dataset, found));
        cr_expect(found->height == HEIGHT && found->width == WIDTH && found->scale == dataset->scale);
        cr_expect_eq(memcmp(found->labels, dataset->labels, COUNT * sizeof *found->labels), 0);
        minnow_dataset_free(dataset);
        minnow_dataset_free(found);
    }
}

Test(distortion, is_the_same_on_any_number_of_threads_and_table) {
    minnow_distortion_config config = all();
    uint8_t out[PIXELS];
    for (int as_bytes = 0; as_bytes < 2; as_bytes++) {
        minnow_dataset *dataset = images(as_bytes != 0), *one = distorted(dataset, &config, 5, 7, 1);
        for (unsigned threads = 2; threads < 12; threads += 3) {
            minnow_dataset *many = distorted(dataset, &config, 5, 7, threads);
            cr_expect(same_pixels(one, many), "%u threads", threads);
            minnow_dataset_free(many);
        }
        for (size_t t = 0; t < kernel_table_count && as_bytes; t++) {
            struct distortion *distortion;
            if (!kernels_usable(kernel_tables[t]))
                continue;
            cr_assert_eq(distortion_create(&config, dataset, kernel_tables[t], 5, 1, &distortion), MINNOW_OK);
            distortion_begin_epoch(distortion, 7);
            for (size_t s = COUNT; s-- > 0;) { /* nor does the order matter */
                distortion_bytes(distortion, 0, s, out);
                cr_expect_eq(memcmp(out, one->bytes + s * PIXELS, PIXELS), 0, "%s: sample %zu",
                             kernel_tables[t]->name, s);
            }
            distortion_free(distortion);
        }
        minnow_dataset_free(dataset);
        minnow_dataset_free(one);
    }
}

Test(distortion, depends_on_the_seed_and_the_epoch) {
    minnow_distortion_config config = all(), elastic = none();
    elastic.elastic_alpha = 36.0;
    minnow_dataset *dataset = images(true);
    const minnow_distortion_config *const configs[] = {&config, &elastic};
    for (size_t i = 0; i < 2; i++) {
        minnow_dataset *first = distorted(dataset, configs[i], 1, 0, 1);
        minnow_dataset *epoch = distorted(dataset, configs[i], 1, 1, 1);
        minnow_dataset *seed = distorted(dataset, configs[i], 2, 0, 1);
        cr_expect_eq(different(first, epoch), COUNT);
        cr_expect_eq(different(first, seed), COUNT);
        minnow_dataset_free(first);
        minnow_dataset_free(epoch);
        minnow_dataset_free(seed);
    }
    minnow_dataset_free(dataset);
}

Test(distortion, gives_features_the_scale_of_their_bytes) {
    minnow_distortion_config config = all();
    minnow_dataset *dataset = images(true);
    struct distortion *distortion;
    uint8_t bytes[PIXELS];
    float values[PIXELS];
    cr_assert_eq(distortion_create(&config, dataset, kernels_best(), 1, 1, &distortion), MINNOW_OK);
    distortion_begin_epoch(distortion, 0);
    distortion_bytes(distortion, 0, 3, bytes);
    distortion_floats(distortion, 0, 3, values);
    for (size_t i = 0; i < PIXELS; i++)
        cr_assert(values[i] == (float)bytes[i] * 0x1p-8f);
    distortion_free(distortion);
    minnow_dataset_free(dataset);
}

static void expect_refused(const minnow_dataset *dataset, const minnow_distortion_config *config,
                           const char *why) {
    minnow_dataset *out = (minnow_dataset *)&out;
    cr_expect_eq(minnow_dataset_distort(dataset, config, 1, 0, 1, &out), MINNOW_ERROR_ARGUMENT);
    cr_expect_null(out);
    cr_expect(strstr(minnow_last_error(), why) != NULL, "\"%s\" lacks \"%s\"", minnow_last_error(), why);
}

Test(distortion, is_refused_for_what_are_no_images) {
    minnow_distortion_config config = all();
    minnow_dataset *dataset = images(true);
    cr_assert_eq(minnow_dataset_set_image_size(dataset, 0, 0), MINNOW_OK);
    expect_refused(dataset, &config,
                   "only images can be distorted, and these samples are rows of 234 numbers");
    cr_assert_eq(minnow_dataset_set_image_size(dataset, 1, PIXELS), MINNOW_OK);
    expect_refused(dataset, &config, "images of 1 × 234 pixels cannot be distorted");
    cr_expect_eq(minnow_dataset_set_image_size(dataset, HEIGHT, WIDTH + 1), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_dataset_set_image_size(dataset, (size_t)1 << 63, 2), MINNOW_ERROR_ARGUMENT);
    cr_expect_eq(minnow_dataset_set_image_size(dataset, PIXELS, 0), MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(minnow_dataset_set_image_size(dataset, HEIGHT, WIDTH), MINNOW_OK);

    config.elastic_fields = (size_t)1 << 20;
    minnow_dataset_free(dataset);
    static uint8_t large[256 * 256];
    static const uint32_t label[1] = {0};
    cr_assert_eq(minnow_dataset_from_bytes(large, label, 1, sizeof large, 1, 1.0f, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_dataset_set_image_size(dataset, 256, 256), MINNOW_OK);
    expect_refused(dataset, &config, "would take more than 4 GiB; use at most 8192");
    minnow_dataset_free(dataset);
}
