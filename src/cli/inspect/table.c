#include "cli/inspect/table.h"

#include <string.h>

#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/table_source.h"

enum { VALUES_SHOWN = 8, CLASSES_SHOWN = 30, COLUMNS_SHOWN = 100 };

static void print_list(char *const *texts, size_t count, size_t most) {
    for (size_t i = 0; i < count && i < most; i++) {
        print("%s", i == 0 ? "" : ", ");
        print_harmless(texts[i]);
    }
    if (count > most)
        print(", and %zu more", count - most);
}

static void print_label(const struct encoder *encoder) {
    print("  label: ");
    print_harmless(encoder->label);
    if (encoder->task == TASK_REGRESSION) {
        print(", a number, (x - %.6g) / %.6g\n", (double)encoder->target_centre,
              (double)encoder->target_spread);
        return;
    }
    print(", %zu classes: ", encoder->class_count);
    print_list(encoder->classes, encoder->class_count, CLASSES_SHOWN);
    print("\n");
}

static void print_weight(const struct encoder *encoder) {
    if (encoder->weight == NULL)
        return;
    print("  weight of a row in training: ");
    print_harmless(encoder->weight);
    print("\n");
}

static void print_column(const struct encoder *encoder, const struct encoder_column *column) {
    size_t length = strlen(column->name);
    print("  ");
    print_harmless(column->name);
    print("%*s", length < 20 ? (int)(21 - length) : 1, "");
    if (encoder->bytes) {
        print("byte * %.6g\n", (double)encoder->scale);
        return;
    }
    switch (column->kind) {
    case ENCODER_NUMBER:
        print("%s%s(x - %.6g) / %.6g%s; a gap is %.6g%s\n", table_unit_names[column->unit],
              column->unit != UNIT_NONE ? ": " : "", (double)column->centre, (double)column->spread,
              encoder->clip > 0 ? ", clipped smoothly" : "", (double)column->fill,
              column->indicator ? ", with an indicator" : "");
        break;
    case ENCODER_CATEGORY:
        print("one of ");
        print_list(column->values, column->value_count, VALUES_SHOWN);
        print("%s", column->other ? " and all others" : "");
        if (column->fill_value < column->value_count) {
            print("; a gap is ");
            print_harmless(column->values[column->fill_value]);
        }
        print("\n");
        break;
    case ENCODER_HASHED:
        print("hashed into %zu places\n", column->width);
        break;
    }
}

static void print_split(const struct encoder *encoder) {
    if (encoder->whole_crc32 != 0)
        print("  kept for the test: no row of the file of CRC-32 %08x\n", (unsigned)encoder->whole_crc32);
    if (encoder->crc32 == 0)
        return;
    if (encoder->split.by_share)
        print("  kept for the test: %g of the rows of the file of CRC-32 %08x, drawn by seed %llu\n",
              encoder->split.share, (unsigned)encoder->crc32, (unsigned long long)encoder->split.seed);
    else
        print("  kept for the test: each fifth row of the file of CRC-32 %08x\n", (unsigned)encoder->crc32);
}

/* As options say it; nothing where all was found out. */
static void print_reading(const struct encoder_reading *reading) {
    const char characters[] = {reading->delimiter, reading->quote, reading->decimal};
    static const char *const options[] = {"delimiter", "quote", "decimal"};
    bool header = reading->has_header || reading->no_header, any = header || reading->gaps != NULL;
    for (size_t i = 0; i < sizeof characters; i++)
        any = any || characters[i] != 0;
    if (!any)
        return;

    print("  written:");
    for (size_t i = 0; i < sizeof characters; i++)
        if (characters[i] == '\t' || characters[i] == ' ')
            print(" --%s %s", options[i], characters[i] == ' ' ? "blanks" : "tab");
        else if (characters[i] != 0)
            print(" --%s '%c'", options[i], characters[i]);
    if (header)
        print(" --header %s", reading->has_header ? "yes" : "no");
    if (reading->gaps != NULL) {
        print(" --gaps ");
        print_harmless(reading->gaps);
    }
    print("\n");
}

int inspect_print_table(const char *path, const minnow_network *network) {
    const struct colours *colour = output_colours();
    struct encoder *encoder;
    int status = table_encoder_of(network, path, &encoder);
    if (status != STATUS_SUCCESS || encoder == NULL)
        return status;

    print("\n%stable%s\n", colour->bold, colour->plain);
    print_label(encoder);
    print_weight(encoder);
    print_split(encoder);
    print_reading(&encoder->reading);
    for (size_t c = 0; c < encoder->column_count && c < COLUMNS_SHOWN; c++)
        print_column(encoder, &encoder->columns[c]);
    if (encoder->column_count > COLUMNS_SHOWN)
        print("  ... and %zu more columns\n", encoder->column_count - COLUMNS_SHOWN);
    encoder_free(encoder);
    return STATUS_SUCCESS;
}
