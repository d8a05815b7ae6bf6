/* The log of a run. Its lines are written whole and at once, so that whoever reads it meanwhile, or after a crash, sees
   whole lines. A resumed run goes on at the place in the file that its checkpoint remembers: what the interrupted run
   wrote behind it is written again, and the file is that of a run never interrupted, but for the times in it. */
#include "cli/train/log.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"

/* What a line tells of: the steps since the last one, or an epoch. */
struct entry {
    bool epoch;
    double loss, accuracy;
};

/* ---- Columns ---- */

typedef double column_value(const struct train_run *run, const struct entry *entry);

static double loss(const struct train_run *run, const struct entry *entry) {
    (void)run;
    return entry->loss;
}

static double accuracy(const struct train_run *run, const struct entry *entry) {
    (void)run;
    return entry->accuracy;
}

static double rate(const struct train_run *run, const struct entry *entry) {
    (void)entry;
    return run->progress.learning_rate;
}

static double norm(const struct train_run *run, const struct entry *entry) {
    (void)entry;
    return run->config.clip_norm > 0 ? run->progress.gradient_norm : (double)NAN;
}

static double seconds(const struct train_run *run, const struct entry *entry) {
    return entry->epoch ? run->progress.epoch_seconds : (double)NAN;
}

static double speed(const struct train_run *run, const struct entry *entry) {
    return entry->epoch ? train_samples_per_second(run) : (double)NAN;
}

/* Of samples that are not trained on, whose outcomes are those of the epoch that is done. */
#define OUTCOME_COLUMN(name, outcome, member)                                                                \
    static double name(const struct train_run *run, const struct entry *entry) {                             \
        return entry->epoch ? run->outcome.member : (double)NAN;                                             \
    }
OUTCOME_COLUMN(validation_loss, on_validation, loss)
OUTCOME_COLUMN(validation_accuracy, on_validation, accuracy)
OUTCOME_COLUMN(validation_rmse, on_validation, numbers.rmse)
OUTCOME_COLUMN(test_loss, on_test, loss)
OUTCOME_COLUMN(test_accuracy, on_test, accuracy)
OUTCOME_COLUMN(test_rmse, on_test, numbers.rmse)

/* Behind event, epoch and step. */
static const struct column {
    const char *name;
    column_value *value;
    bool single; /* a float, whose shortest decimal form is its own */
} columns[] = {
    {"train_loss", loss, false},
    {"train_accuracy", accuracy, false},
    {"validation_loss", validation_loss, false},
    {"validation_accuracy", validation_accuracy, false},
    {"validation_rmse", validation_rmse, false},
    {"test_loss", test_loss, false},
    {"test_accuracy", test_accuracy, false},
    {"test_rmse", test_rmse, false},
    {"learning_rate", rate, true},
    {"gradient_norm", norm, false},
    {"seconds", seconds, false},
    {"samples_per_second", speed, false},
};
enum { COLUMNS = sizeof columns / sizeof columns[0], LINE_TEXT = 1024 };

static bool is_jsonl(const char *path) {
    const char *ending = target_ending(path);
    return ending != NULL && strcmp(ending, ".jsonl") == 0;
}

static void write_header(char text[LINE_TEXT]) {
    size_t length = (size_t)snprintf(text, LINE_TEXT, "event,epoch,step");
    for (size_t i = 0; i < COLUMNS; i++)
        length += (size_t)snprintf(text + length, LINE_TEXT - length, ",%s", columns[i].name);
    snprintf(text + length, LINE_TEXT - length, "\n");
}

/* ---- Opening ---- */

int train_log_check(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    const char *others[] = {settings->save, settings->checkpoint, settings->resume};
    if (settings->log == NULL)
        return settings->log_steps == 0
                   ? STATUS_SUCCESS
                   : command_refuse(run->line.command, "log-steps", "has no effect without --log FILE");
    const char *ending = target_ending(settings->log);
    if (ending == NULL || (strcmp(ending, ".csv") != 0 && strcmp(ending, ".jsonl") != 0))
        return problem(STATUS_USAGE, "train: --log %s: expected a name that ends in .csv or .jsonl",
                       settings->log);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i] != NULL && strcmp(others[i], settings->log) == 0)
            return problem(STATUS_USAGE, "train: --log %s: the network or its checkpoint has that name",
                           settings->log);
    return target_check(settings->log);
}

/* Whether the file begins as a log of the same form does; an empty one does. */
static bool begins_as_log(const char *path) {
    char header[LINE_TEXT] = "{\"event\":";
    uint8_t bytes[LINE_TEXT];
    uint64_t size;
    size_t count;
    if (!is_jsonl(path))
        write_header(header);
    size_t length = strlen(header);
    return file_read_beginning(path, bytes, length, &count, &size) &&
           (count == 0 || (count == length && memcmp(bytes, header, length) == 0));
}

static int report_failure(const struct train_run *run) {
    return problem(STATUS_FAILURE, "cannot write the log %s: %s; training goes on without it",
                   run->settings.log, strerror(errno));
}

/* Cuts what is behind the checkpoint off, and leaves the file's position at its end. */
static bool seek(struct train_run *run, FILE *file) {
    struct train_log *log = &run->log;
    struct stat status;
    if (fstat(fileno(file), &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode))
        return true;
    if (log->is_recorded && log->bytes <= status.st_size && ftruncate(fileno(file), log->bytes) != 0)
        return false;
    return fseeko(file, 0, SEEK_END) == 0;
}

int train_log_open(struct train_run *run) {
    struct train_log *log = &run->log;
    const char *path = run->settings.log;
    if (path == NULL)
        return STATUS_SUCCESS;
    bool goes_on = run->settings.resume != NULL && file_may_exist(path);
    if (goes_on && !begins_as_log(path))
        return problem(STATUS_INPUT,
                       "%s: no log of 'minnow train', to which a resumed run could add; --log names another",
                       path);

    log->is_jsonl = is_jsonl(path);
    log->is_recorded = log->recorded != NULL && strcmp(log->recorded, path) == 0;
    if (log->recorded == NULL)
        log->mark = run->progress;
    int descriptor = file_descriptor(path, (goes_on ? 0 : O_TRUNC) | O_WRONLY | O_CREAT, 0666);
    log->file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (log->file == NULL || !seek(run, log->file)) {
        log->failed = true;
        return problem(STATUS_FAILURE, "cannot write the log %s: %s", path, strerror(errno));
    }
    if (!log->is_jsonl && ftello(log->file) <= 0) {
        char header[LINE_TEXT];
        write_header(header);
        if (fputs(header, log->file) < 0 || fflush(log->file) != 0) {
            log->failed = true;
            report_failure(run);
        }
    }
    return STATUS_SUCCESS;
}

/* ---- Lines ---- */

static size_t steps_per_epoch(const struct train_run *run) {
    return (minnow_dataset_count(run->data.train) - 1) / run->config.batch + 1;
}

size_t train_log_step(const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    return (now->epoch - 1) * steps_per_epoch(run) +
           (now->epoch_samples + run->config.batch - 1) / run->config.batch;
}

/* A number, or what stands for none: nothing in CSV, null in JSON. */
static size_t write_value(const struct train_log *log, const struct column *column, double value, char *text,
                          size_t room) {
    char number[NUMBER_TEXT] = "";
    if (!isfinite(value))
        snprintf(number, sizeof number, "%s", log->is_jsonl ? "null" : "");
    else if (column->single)
        number_write_shortest((float)value, number);
    else
        number_write_shortest_double(value, number);
    if (log->is_jsonl)
        return (size_t)snprintf(text, room, ",\"%s\":%s", column->name, number);
    return (size_t)snprintf(text, room, ",%s", number);
}

static void write_line(struct train_run *run, const struct entry *entry) {
    struct train_log *log = &run->log;
    const char *format = log->is_jsonl ? "{\"event\":\"%s\",\"epoch\":%zu,\"step\":%zu" : "%s,%zu,%zu";
    char text[LINE_TEXT];
    size_t length = (size_t)snprintf(text, LINE_TEXT, format, entry->epoch ? "epoch" : "step",
                                     run->progress.epoch, train_log_step(run));
    for (size_t i = 0; i < COLUMNS; i++)
        length +=
            write_value(log, &columns[i], columns[i].value(run, entry), text + length, LINE_TEXT - length);
    snprintf(text + length, LINE_TEXT - length, "%s\n", log->is_jsonl ? "}" : "");
    if (fputs(text, log->file) < 0 || fflush(log->file) != 0) {
        log->failed = true;
        report_failure(run);
    }
}

static bool is_open(const struct train_run *run) {
    return run->log.file != NULL && !run->log.failed;
}

size_t train_log_stretch(const struct train_run *run) {
    size_t every = (size_t)run->settings.log_steps;
    if (!is_open(run) || every == 0)
        return 0;
    size_t left = every - train_log_step(run) % every, whole = SIZE_MAX / run->config.batch;
    return (left < whole ? left : whole) * run->config.batch;
}

double train_log_since(double now, double then, size_t count, size_t before) {
    return before == 0 ? now : (now * (double)count - then * (double)before) / (double)(count - before);
}

void train_log_steps(struct train_run *run) {
    struct train_log *log = &run->log;
    const struct minnow_progress *now = &run->progress;
    size_t every = (size_t)run->settings.log_steps;
    if (!is_open(run) || every == 0)
        return;
    size_t before = log->mark.epoch == now->epoch ? log->mark.epoch_samples : 0;
    if (train_log_step(run) % every == 0 && now->epoch_samples > before) {
        struct entry entry = {
            .loss = train_log_since(now->train_loss, log->mark.train_loss, now->epoch_samples, before),
            .accuracy = train_predicts_numbers(run)
                            ? (double)NAN
                            : train_log_since(now->train_accuracy, log->mark.train_accuracy,
                                              now->epoch_samples, before),
        };
        write_line(run, &entry);
        log->mark = *now;
    }
}

void train_log_epoch(struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    struct entry entry = {
        .epoch = true,
        .loss = now->train_loss,
        .accuracy = train_predicts_numbers(run) ? (double)NAN : now->train_accuracy,
    };
    if (is_open(run))
        write_line(run, &entry);
}

int train_log_close(struct train_run *run) {
    struct train_log *log = &run->log;
    if (log->file != NULL && fclose(log->file) != 0 && !log->failed) {
        log->failed = true;
        report_failure(run);
    }
    log->file = NULL;
    return log->failed ? STATUS_FAILURE : STATUS_SUCCESS;
}

/* ---- In checkpoints ---- */

json_t *train_log_record(const struct train_run *run) {
    const struct train_log *log = &run->log;
    char loss_text[NUMBER_TEXT], accuracy_text[NUMBER_TEXT];
    if (!is_open(run))
        return NULL;
    number_write_e18(log->mark.train_loss, loss_text);
    number_write_e18(log->mark.train_accuracy, accuracy_text);
    off_t bytes = ftello(log->file);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "file", run->settings.log, "steps",
                     (json_int_t)run->settings.log_steps, "bytes", (json_int_t)(bytes > 0 ? bytes : 0),
                     "epoch", (json_int_t)log->mark.epoch, "samples", (json_int_t)log->mark.epoch_samples,
                     "loss", loss_text, "accuracy", accuracy_text);
}

bool train_log_read_record(struct train_run *run, json_t *record) {
    struct train_log *log = &run->log;
    json_int_t steps, bytes, epoch, samples;
    const char *loss_text, *accuracy_text;
    if (record == NULL)
        return true;
    if (json_unpack_ex(record, NULL, JSON_STRICT, "{s:s, s:I, s:I, s:I, s:I, s:s, s:s}", "file",
                       &run->settings.log, "steps", &steps, "bytes", &bytes, "epoch", &epoch, "samples",
                       &samples, "loss", &loss_text, "accuracy", &accuracy_text) != 0)
        return false;
    minnow_progress_init(&log->mark, sizeof log->mark);
    log->mark.epoch = (size_t)epoch;
    log->mark.epoch_samples = (size_t)samples;
    log->bytes = (off_t)bytes;
    log->recorded = run->settings.log;
    run->settings.log_steps = (uint64_t)steps;
    return steps >= 0 && steps <= UINT32_MAX && bytes >= 0 && epoch >= 0 && epoch <= 1000000000 &&
           samples >= 0 && number_parse_double(loss_text, &log->mark.train_loss) &&
           number_parse_double(accuracy_text, &log->mark.train_accuracy);
}
