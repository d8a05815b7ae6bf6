/* minnow report: how well a trained network does, where it fails, and what it is made of, as one page. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/status.h"
#include "cli/frame/json.h"
#include "cli/frame/png.h"
#include "cli/frame/terminal.h"
#include "cli/pages/pages.h"
#include "cli/report/report.h"
#include "cpu.h"

static const struct option options[] = {
    {.name = "o",
     .aliases = "output out save html",
     .value = "FILE",
     .help = "the page to write",
     .show_default = true,
     .kind = OPTION_TEXT,
     .offset = offsetof(struct report_settings, output)},
    DATA_OPTION(struct report_settings, data, DATA_FORMATS),
    {.name = "log",
     .aliases = "history curves",
     .value = "FILE,...",
     .help = "the log of the run, in place of the curves in the model's file: of\n"
             "'minnow train --log', what --json printed, or a CSV file with a\n"
             "column 'epoch'; one for each MODEL, nothing between commas for none",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct report_settings, log)},
    SEED_OPTION(struct report_settings, seed, "of the permutations that tell a column's importance"),
    TRANSPOSE_OPTION(struct report_settings, transpose),
    MODEL_FORM_OPTIONS(struct report_settings, form),
    TABLE_READING_OPTIONS(struct report_settings, reading),
};

/* What is reported of. */
struct report_run {
    const struct report_settings *settings;
    const struct command_line *line;
    size_t count;
    struct report_model models[REPORT_MODELS];
};

/* ---- Logs ---- */

static int read_log(struct report_model *model, const char *name, size_t length) {
    char *path = strndup(name, length);
    minnow_status status = path != NULL ? report_log_read(path, &model->log) : fail_memory("--log");
    free(path);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* A comma parts the files of several models; the one file of one may have commas in its name. */
static int read_logs(struct report_run *run) {
    const char *names = run->settings->log;
    size_t given = 1;
    if (names == NULL)
        return STATUS_SUCCESS;
    if (run->count == 1)
        return read_log(&run->models[0], names, strlen(names));
    for (const char *c = names; *c != '\0'; c++)
        given += *c == ',';
    if (given != run->count)
        return problem(
            STATUS_USAGE,
            "report: --log %s: expected as many files as models, %zu, with commas between them, found %zu",
            names, run->count, given);

    int status = STATUS_SUCCESS;
    for (size_t i = 0; i < run->count && status == STATUS_SUCCESS; i++) {
        size_t length = strcspn(names, ",");
        if (length > 0)
            status = read_log(&run->models[i], names, length);
        names += length + 1;
    }
    return status;
}

/* ---- The page ---- */

/* Of the samples that two models share: how many both get right, only the first, only the other, and neither. */
static json_t *agreement(const struct report_model *a, const struct report_model *b) {
    if (a->numbers || b->numbers || dataset_crc32(a->data.test) != dataset_crc32(b->data.test))
        return json_null();
    json_int_t both = 0, first = 0, other = 0, neither = 0;
    for (size_t i = 0; i < a->evaluation.totals.total; i++) {
        uint32_t label = minnow_dataset_label(a->data.test, i);
        bool x = a->evaluation.predicted[i] == label, y = b->evaluation.predicted[i] == label;
        both += x && y;
        first += x && !y;
        other += !x && y;
        neither += !x && !y;
    }
    return json_pack("[I, I, I, I]", both, first, other, neither);
}

static json_t *page_data(const struct report_run *run) {
    char brand[64];
    cpu_brand(brand, sizeof brand);
    json_t *models = json_array(), *agreements = json_array();
    for (size_t i = 0; i < run->count; i++) {
        json_array_append_new(models, report_data(&run->models[i]));
        if (i > 0)
            json_array_append_new(agreements, agreement(&run->models[0], &run->models[i]));
    }
    return json_pack("{s:s, s:o, s:s, s:o, s:o}", "version", minnow_version(), "cpu", report_text(brand),
                     "isa", run->line->common.kernels->name, "models", models, "agreements", agreements);
}

/* A '<' stands only in texts; as an escape it cannot end the element that holds the data. */
static int write_json(const char *text, size_t size, void *output) {
    for (size_t at = 0; at < size;) {
        const char *less = memchr(text + at, '<', size - at);
        size_t length = less != NULL ? (size_t)(less - text) - at : size - at;
        output_write(output, text + at, length);
        if (less != NULL)
            output_write(output, "\\u003c", 6);
        at += length + (less != NULL);
    }
    return 0;
}

static minnow_status write_page(const struct report_run *run, const char *path) {
    enum { DIGITS = 9 };
    struct output *output;
    json_t *data = page_data(run);
    if (data == NULL)
        return fail_memory("a report");
    minnow_status status = page_begin(&page_report, path, &output);
    if (status == MINNOW_OK &&
        json_dump_callback(data, write_json, output,
                           JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(DIGITS)) != 0) {
        output_abort(output);
        status = fail_memory("a report");
    } else if (status == MINNOW_OK) {
        status = page_end(&page_report, output);
    }
    json_decref(data);
    return status;
}

/* ---- What is said of it ---- */

static long long page_size(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (long long)info.st_size : -1;
}

static void print_model(const struct report_model *model) {
    print_harmless(model->path);
    if (model->numbers)
        print(": RMSE %.6g, MAE %.6g, R² %.4f over %zu rows\n", model->scored.rmse, model->scored.mae,
              model->scored.r2, model->data.test->count);
    else
        print(": accuracy %.2f %%, loss %.4f, mean F1 %.2f %%, calibration error %.2f %%\n",
              100 * evaluation_accuracy(&model->evaluation), model->evaluation.totals.loss,
              100 * model->scores.macro_f1, 100 * calibration_error(&model->calibration));
}

static int tell(const struct report_run *run) {
    const char *path = run->settings->output;
    long long size = page_size(path);
    if (!run->line->common.json) {
        for (size_t i = 0; i < run->count; i++)
            print_model(&run->models[i]);
        print_harmless(path);
        print(size >= 0 ? ": %lld KB, to be opened in a browser\n" : "\n", (size + 999) / 1000);
        return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
    }

    json_t *models = json_array();
    for (size_t i = 0; i < run->count; i++) {
        json_t *figures = report_figures(&run->models[i]);
        json_object_set_new(figures, "model", report_text(run->models[i].path));
        json_array_append_new(models, figures);
    }
    json_t *object = json_pack("{s:o, s:I, s:o}", "report", report_text(path), "bytes", (json_int_t)size,
                               "models", models);
    return print_json(object) ? STATUS_SUCCESS : STATUS_FAILURE;
}

/* ---- The command ---- */

/* A page must not take the place of what it is about. */
static int check_output(const struct report_run *run) {
    const char *path = run->settings->output;
    int status = target_check_spares("report: -o", path, &run->settings->data, 1);
    for (size_t i = 0; i < run->count && status == STATUS_SUCCESS; i++)
        status = target_check_spares("report: -o", path, &run->models[i].path, 1);
    return status == STATUS_SUCCESS ? target_check(path) : status;
}

/* Options that did nothing for any of the models. */
static int check_effects(const struct report_run *run) {
    bool columns = false;
    for (size_t i = 0; i < run->count; i++)
        columns = columns || run->models[i].importances != NULL;
    if (!columns && option_given(run->line, "seed"))
        return command_refuse(run->line->command, "seed",
                              "has no effect: nothing is drawn but for the importance of a table's columns");
    return STATUS_SUCCESS;
}

static int make_report(struct report_run *run) {
    int status = check_output(run);
    if (status == STATUS_SUCCESS)
        status = read_logs(run);
    for (size_t i = 0; i < run->count && status == STATUS_SUCCESS; i++)
        status = report_open(run->settings, run->line, &run->models[i]);
    if (status == STATUS_SUCCESS)
        status = check_effects(run);
    if (status != STATUS_SUCCESS)
        return status;

    if (png_version() == NULL)
        note("minnow: this minnow was built without libpng: the report has no pictures");
    minnow_status written = write_page(run, run->settings->output);
    return written == MINNOW_OK ? tell(run) : report(written);
}

static int run_report(const struct command *command, int argc, char **argv) {
    struct report_settings settings = {
        .output = "report.html", .seed = 1, .form = MODEL_FORM_UNSET, .reading = TABLE_READING_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    struct report_run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return problem(STATUS_FAILURE, "report: not enough memory");
    run->settings = &settings;
    run->line = &line;
    run->count = line.operands.count;
    for (size_t i = 0; i < run->count; i++)
        run->models[i] = (struct report_model){.path = line.operands.value[i], .share = run->count};
    status = output_usable() ? make_report(run) : STATUS_FAILURE;
    for (size_t i = 0; i < run->count; i++)
        report_close(&run->models[i]);
    free(run);
    return status;
}

static const struct option_answer answers[] = {
    {"model m network", "networks are named without an option: minnow report FILE"},
    {NULL, NULL},
};

const struct command command_report = {
    .name = "report",
    .words = "html dashboard visualise visualize card",
    .summary = "writes a page about trained networks: curves, confusions, mistakes, weights",
    .usage = "MODEL... [-o FILE] [OPTIONS]",
    .about =
        "Tests networks and writes one HTML file about them, which needs nothing else and asks for nothing\n"
        "from elsewhere: learning curves, a confusion matrix that shows the images of each of its cells,\n"
        "precision, recall and F1 of each class, calibration, the worst mistakes, first-layer weights as\n"
        "images, histograms of weights and activations, dead units, and how it was trained; of tables\n"
        "residuals and the importance of columns. Several networks stand side by side.\n",
    .examples = "  minnow report digits.safetensors -o report.html\n"
                "  minnow train --json --save digits.safetensors >run.jsonl\n"
                "  minnow report digits.safetensors --log run.jsonl\n"
                "  minnow report small.safetensors large.safetensors -o both.html\n",
    .common = true,
    .options = options,
    .answers = answers,
    .option_count = sizeof options / sizeof options[0],
    .min_operands = 1,
    .max_operands = REPORT_MODELS,
    .run = run_report,
};
