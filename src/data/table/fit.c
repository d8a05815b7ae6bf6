/* Fitting an encoder: what the columns of the training rows become. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "base/team.h"
#include "data/table/columns.h"
#include "data/table/encoder.h"
#include "data/table/values.h"

enum {
    CATEGORIES_MOST = 128, /* more are hashed */
    HASH_BUCKETS = 128,
    RARE_MOST = 5,   /* a value in fewer rows than this is rare, … */
    RARE_SHARE = 200 /* … or, in a small table, in fewer than 1 + a 200th of its rows */
};

struct fitting {
    struct encoder *encoder;
    const struct table *table;
    const uint32_t *rows;
    size_t count;
    enum encoder_scale scale;
    const size_t *source; /* [encoder->column_count]: the table's column */
    bool failed;
};

/* ---- Numbers ---- */

/* The value a share of the way from the least to the greatest, between two where it falls there. */
static float quantile(float *x, size_t count, double share) {
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    double low = select_rank(x, count, below),
           high = below + 1 < count ? select_rank(x, count, below + 1) : low;
    return (float)(low + (at - (double)below) * (high - low));
}

static void fit_standard(const float *x, size_t count, struct encoder_column *out) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)x[i];
    double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    out->centre = (float)mean;
    out->spread = (float)sqrt(squares / (double)count);
}

static void find_range(const float *x, size_t count, float *least, float *greatest) {
    *least = *greatest = x[0];
    for (size_t i = 1; i < count; i++) {
        *least = x[i] < *least ? x[i] : *least;
        *greatest = x[i] > *greatest ? x[i] : *greatest;
    }
}

/* x[count] are the column's values without gaps; they are reordered. */
static void fit_scale(float *x, size_t count, enum encoder_scale scale, struct encoder_column *out) {
    float least, greatest;
    out->centre = 0.0F;
    out->spread = 1.0F;
    out->fill = count > 0 ? quantile(x, count, 0.5) : 0.0F;
    if (count == 0)
        return;

    find_range(x, count, &least, &greatest);
    switch (scale) {
    case SCALE_STANDARD:
        fit_standard(x, count, out);
        break;
    case SCALE_ROBUST: /* by the interquartile range; where that is 0, half of the whole range */
        out->centre = out->fill;
        out->spread = quantile(x, count, 0.75) - quantile(x, count, 0.25);
        if (!(out->spread > 0))
            out->spread = (greatest - least) / 2;
        break;
    case SCALE_MINMAX:
        out->centre = least;
        out->spread = greatest - least;
        break;
    case SCALE_NONE:
        break;
    }
    if (!(out->spread > 0) || !isfinite(out->spread) || !isfinite(out->centre))
        out->spread = isfinite(out->centre) ? 1.0F : INFINITY;
}

static bool fit_number(const struct fitting *f, size_t column, struct encoder_column *out) {
    float *x = memory_allocate_unset(f->count, sizeof *x);
    size_t present = 0;
    if (x == NULL)
        return false;
    for (size_t i = 0; i < f->count; i++) {
        float number = table_number(f->table, f->rows[i], column);
        if (!isnan(number))
            x[present++] = number;
    }
    fit_scale(x, present, f->scale, out);
    out->indicator = present < f->count;
    out->width = 1 + out->indicator;
    memory_free(x);
    return true;
}

/* ---- Categories ---- */

static bool keep_values(const struct table_column *from, const uint32_t *counts, size_t rare,
                        struct encoder_column *out) {
    uint32_t most = 0;
    out->values = calloc(from->value_count + 1, sizeof *out->values);
    if (out->values == NULL)
        return false;
    for (size_t v = 0; v < from->value_count; v++) {
        if (counts[v] < rare) {
            out->other = out->other || counts[v] > 0;
            continue;
        }
        if (counts[v] > most) {
            most = counts[v];
            out->fill_value = out->value_count;
        }
        if ((out->values[out->value_count] = memory_copy_string(from->values[v])) == NULL)
            return false;
        out->value_count++;
    }
    out->width = out->value_count + out->other;
    return true;
}

static bool fit_category(const struct fitting *f, size_t column, struct encoder_column *out) {
    const struct table_column *from = &f->table->column[column];
    uint32_t *counts = memory_allocate(from->value_count, sizeof *counts);
    if (counts == NULL)
        return false;
    for (size_t i = 0; i < f->count; i++) {
        uint32_t code = table_code(f->table, f->rows[i], column);
        if (code != TABLE_GAP)
            counts[code]++;
    }

    size_t rare = size_min(RARE_MOST, 1 + f->count / RARE_SHARE), frequent = 0;
    for (size_t v = 0; v < from->value_count; v++)
        frequent += counts[v] >= rare;
    bool fitted = true;
    if (frequent > CATEGORIES_MOST) {
        out->kind = ENCODER_HASHED;
        out->width = HASH_BUCKETS;
    } else {
        fitted = keep_values(from, counts, rare, out);
    }
    memory_free(counts);
    return fitted;
}

/* ---- All columns ---- */

static void fit_slice(struct team_member member, void *context) {
    struct fitting *f = context;
    for (size_t i = member.index; i < f->encoder->column_count; i += member.count) {
        struct encoder_column *out = &f->encoder->columns[i];
        bool fitted = out->kind == ENCODER_NUMBER ? fit_number(f, f->source[i], out)
                                                  : fit_category(f, f->source[i], out);
        if (!fitted)
            __atomic_store_n(&f->failed, true, __ATOMIC_RELAXED);
    }
}

static minnow_status add_columns(struct fitting *f, const enum column_use *use, size_t *source) {
    const struct table *table = f->table;
    struct encoder *encoder = f->encoder;
    encoder->columns = calloc(table->columns, sizeof *encoder->columns);
    if (encoder->columns == NULL)
        return fail_memory(table->name);
    for (size_t c = 0; c < table->columns; c++) {
        bool names = use[c] == COLUMN_COUNTS || use[c] == COLUMN_NAMES;
        if (names && encoder->id == NULL && (encoder->id = memory_copy_string(table->column[c].name)) == NULL)
            return fail_memory(table->name);
        if (use[c] != COLUMN_USED)
            continue;
        struct encoder_column *out = &encoder->columns[encoder->column_count];
        *out = (struct encoder_column){
            .name = memory_copy_string(table->column[c].name),
            .kind = table->column[c].kind == TABLE_TEXT ? ENCODER_CATEGORY : ENCODER_NUMBER,
        };
        for (enum table_unit unit = UNIT_DOLLAR; table_unit_names[unit] != NULL; unit++)
            if (out->kind == ENCODER_NUMBER && table->column[c].units == 1u << unit)
                out->unit = unit;
        source[encoder->column_count++] = c;
        if (out->name == NULL)
            return fail_memory(table->name);
    }
    if (encoder->column_count == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no column is left to learn from", table->name);
    return MINNOW_OK;
}

/* Columns of texts that are gaps in all training rows have no feature, and nothing could be learned from one. */
static void drop_empty(struct fitting *f, size_t *source, struct notes *notes) {
    struct encoder *encoder = f->encoder;
    struct listing names = {.count = 0};
    size_t kept = 0;
    for (size_t c = 0; c < encoder->column_count; c++) {
        struct encoder_column *column = &encoder->columns[c];
        if (column->width > 0) {
            encoder->columns[kept] = *column;
            source[kept++] = source[c];
            continue;
        }
        listing_add(&names, column->name);
        free(column->name);
        free(column->values);
    }
    encoder->column_count = kept;
    if (names.count > 0)
        notes_add(notes, "left out: %s (no value in the training rows)", listing_end(&names));
}

/* Pixels are bytes times a power of two that takes the brightest to 1, or nearly. */
static void fit_pixels(struct fitting *f) {
    struct encoder *encoder = f->encoder;
    const float halfway = 128.0F; /* beyond it the scale is 1/256 in any case */
    float brightest = 1.0F;
    for (size_t i = 0; i < f->count && brightest <= halfway; i++)
        for (size_t c = 0; c < encoder->column_count; c++)
            brightest = fmaxf(brightest, table_number(f->table, f->rows[i], f->source[c]));
    encoder->bytes = true;
    encoder->scale = 1.0F;
    while (encoder->scale * brightest > 1.0F)
        encoder->scale /= 2;
    for (size_t c = 0; c < encoder->column_count; c++)
        encoder->columns[c].width = 1;
}

static minnow_status lay_out(struct encoder *encoder, const struct table *table, struct notes *notes) {
    struct listing hashed = {.count = 0};
    for (size_t c = 0; c < encoder->column_count; c++) {
        struct encoder_column *column = &encoder->columns[c];
        column->first = encoder->features;
        encoder->features += column->width;
        if (column->kind == ENCODER_HASHED)
            listing_add(&hashed, column->name);
        if (column->kind == ENCODER_NUMBER && !encoder->bytes && !isfinite(column->spread))
            return fail(MINNOW_ERROR_INPUT, "%s: column \"%s\": numbers too far apart for single precision",
                        table->name, column->name);
    }
    if (hashed.count > 0)
        notes_add(
            notes,
            "%s: more than %d values, hashed into %d places; those that fall together are not told apart",
            listing_end(&hashed), CATEGORIES_MOST, HASH_BUCKETS);
    if (encoder->features == 0)
        return fail(MINNOW_ERROR_INPUT, "%s: no column is left to learn from", table->name);
    if (encoder->features > DATASET_FEATURES_MAX)
        return fail(MINNOW_ERROR_INPUT,
                    "%s: its columns become %zu features, expected at most %d; --ignore NAME leaves one out",
                    table->name, encoder->features, DATASET_FEATURES_MAX);
    return MINNOW_OK;
}

static void say_gaps(const struct fitting *f, struct notes *notes) {
    struct listing names = {.count = 0};
    size_t gaps = 0;
    for (size_t c = 0; c < f->encoder->column_count; c++) {
        const struct table_column *column = &f->table->column[f->source[c]];
        gaps += column->gaps;
        if (column->gaps > 0)
            listing_add(&names, column->name);
    }
    if (gaps > 0)
        notes_add(notes,
                  "gaps: %zu in %s; numbers get the median and an indicator, texts the most frequent value",
                  gaps, listing_end(&names));
}

static void fit_target(const struct fitting *f, struct encoder *encoder) {
    size_t column = table_find(f->table, encoder->label), present = 0;
    struct encoder_column target = {.spread = 1.0F};
    float *x = memory_allocate_unset(f->count, sizeof *x);
    if (x != NULL) {
        for (size_t i = 0; i < f->count; i++)
            x[present++] = table_number(f->table, f->rows[i], column);
        fit_scale(x, present, SCALE_STANDARD, &target);
    }
    encoder->target_centre = target.centre;
    encoder->target_spread = target.spread;
    memory_free(x);
}

static minnow_status fit_columns(struct fitting *f, const struct encoder_options *options,
                                 struct notes *notes, enum column_use *use, size_t *source) {
    const struct table *table = f->table;
    struct encoder *encoder = f->encoder;
    minnow_status status = columns_choose(table, encoder->label, options, notes, use);
    bool pixels = status == MINNOW_OK && !options->scale_given && columns_are_pixels(table, use);
    if (status == MINNOW_OK)
        status = add_columns(f, use, source);
    if (status != MINNOW_OK)
        return status;

    /* What lies far out counts for no more than 3 spreads (Holzmüller et al. 2024, RealMLP). */
    encoder->clip = !pixels && options->scale == SCALE_ROBUST ? 3.0F : 0.0F;
    if (pixels)
        fit_pixels(f);
    else
        team_run(team_threads(0), fit_slice, f);
    if (f->failed)
        return fail_memory(table->name);
    if (encoder->task == TASK_REGRESSION)
        fit_target(f, encoder);
    drop_empty(f, source, notes);
    say_gaps(f, notes);
    return lay_out(encoder, table, notes);
}

minnow_status encoder_fit(struct encoder *encoder, const struct table *table, const uint32_t *rows,
                          size_t count, const struct encoder_options *options, struct notes *notes) {
    struct fitting f = {encoder, table, rows, count, options->scale, NULL, false};
    enum column_use *use = memory_allocate(table->columns, sizeof *use);
    size_t *source = memory_allocate(table->columns, sizeof *source);
    f.source = source;
    minnow_status status = use == NULL || source == NULL ? fail_memory(table->name)
                                                         : fit_columns(&f, options, notes, use, source);
    memory_free(use);
    memory_free(source);
    return status;
}
