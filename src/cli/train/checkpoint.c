/* Checkpoints of minnow train: when they are written, and how a run goes on from one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/number.h"
#include "base/status.h"
#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/provenance.h"
#include "cli/ranks/ranks.h"
#include "cli/train/log.h"
#include "cli/train/presets.h"
#include "cli/train/train.h"
#include "data/dataset.h"
#include "train/checkpoint.h"

/* The metadata in which a checkpoint keeps what the library does not know of. */
#define RECORD_KEY "run"

/* ---- Options ---- */

/* "3", "3epochs" or "90s". */
static bool parse_interval(const char *text, struct train_interval *out) {
    const double longest = 1e9;
    char number[32];
    size_t length = strcspn(text, "se");
    *out = (struct train_interval){0};
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    if (strcmp(text + length, "s") == 0)
        return number_parse_double(number, &out->seconds) && out->seconds > 0 && out->seconds <= longest;
    if (text[length] != '\0' && strcmp(text + length, "epochs") != 0)
        return false;
    return number_parse_u64(number, &out->epochs) && out->epochs > 0;
}

static bool same_file(const char *a, const char *b) {
    struct stat first, second;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && S_ISREG(first.st_mode) &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Refuses to write over the checkpoint of a run that is not over: what it holds may have taken hours. A file that is no
   checkpoint, or is damaged, is nobody's run. */
static int keep_unfinished(const struct train_run *run, const char *option, const char *path) {
    const struct train_settings *settings = &run->settings;
    struct stat info;
    if (path == NULL || (settings->resume != NULL && same_file(path, settings->resume)) ||
        stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return STATUS_SUCCESS;

    minnow_network *network;
    struct checkpoint found;
    int status = STATUS_SUCCESS;
    if (minnow_network_load(path, run->common.kernels->name, &network) != MINNOW_OK)
        return STATUS_SUCCESS;
    const char *text = minnow_network_metadata(network, CHECKPOINT_KEY);
    bool is_run = text != NULL && checkpoint_parse(text, &found) == MINNOW_OK;
    if (is_run && (found.state.epoch + 1 < found.config.epochs || found.state.position < found.samples))
        status =
            problem(STATUS_USAGE,
                    "train: --%s: %s holds epoch %zu of %zu of a run that is not over: --resume %s goes on; "
                    "remove it to begin anew",
                    option, path, found.state.epoch + 1, found.config.epochs, path);
    minnow_network_free(network);
    return status;
}

int train_check_checkpoint(struct train_run *run) {
    struct train_settings *settings = &run->settings;
    if (settings->checkpoint == NULL)
        settings->checkpoint = settings->resume;
    const char *every = settings->checkpoint_every;
    if (every != NULL && settings->checkpoint == NULL)
        return problem(STATUS_USAGE, "train: --checkpoint-every %s: of what? --checkpoint FILE is missing",
                       every);
    if (!parse_interval(every != NULL ? every : "1", &run->every))
        return problem(STATUS_USAGE,
                       "train: --checkpoint-every: expected a number of epochs, '2', or of seconds, '30s', "
                       "found '%s'",
                       every);
    if (settings->checkpoint != NULL && settings->save != NULL &&
        same_file(settings->save, settings->checkpoint))
        return problem(STATUS_USAGE,
                       "train: --save and --checkpoint name one file, %s, which the trained network would "
                       "take from the checkpoint",
                       settings->save);
    if (world_index() > 0) /* files are rank 0's */
        return STATUS_SUCCESS;
    int status = keep_unfinished(run, "checkpoint", settings->checkpoint);
    if (status == STATUS_SUCCESS)
        status = keep_unfinished(run, "save", settings->save);
    if (status != STATUS_SUCCESS || settings->checkpoint == NULL)
        return status;
    const struct model_format *format = model_format_for_target(settings->checkpoint);
    if (format != NULL && format != &model_format_safetensors)
        return problem(STATUS_USAGE,
                       "train: --checkpoint %s: a checkpoint is a safetensors file, and %s has no "
                       "place for the state of training",
                       settings->checkpoint, format->title);
    return target_check(settings->checkpoint);
}

/* ---- Reading ---- */

/* The library's message does not name the file. */
static int report_resume(const struct train_run *run, minnow_status status) {
    char text[1200];
    snprintf(text, sizeof text, "%s: %s", run->settings.resume, minnow_last_error());
    return report_message(status, text);
}

static void settings_from_config(struct train_run *run) {
    struct train_settings *settings = &run->settings;
    const minnow_training_config *config = &run->config;
    settings->optimizer = (int)config->optimizer;
    settings->schedule = (int)config->schedule;
    train_constants_from_config(config, settings);
    settings->warmup = config->warmup_epochs;
    settings->plateau_patience = config->plateau_patience;
    settings->batch = config->batch;
    settings->epochs = config->epochs;
    settings->seed = config->seed;
    settings->sub_batches = config->sub_batches;
    distortion_settings_from(&run->distortion, &settings->distortion);
}

static bool parse_real(const char *text, double high, double *out) {
    return number_parse_double(text, out) && *out >= 0 && *out <= high;
}

/* The option's text; or, of an older checkpoint, a number: of the last samples, or of a table's rows drawn by the
   seed. Data of their own, which the run may validate on, are known by their contents. */
static bool read_validation(struct train_run *run, json_t *value, const char *crc) {
    char text[32];
    json_int_t number = json_integer_value(value);
    bool table = minnow_network_metadata(run->network, ENCODER_KEY) != NULL;
    run->validation_crc = crc;
    if (value == NULL)
        return true;
    if (json_is_string(value)) {
        run->settings.validation = json_string_value(value);
        return true;
    }
    if (!json_is_integer(value) || number < 0 || number > UINT32_MAX)
        return false;
    snprintf(text, sizeof text, "%s%lld", table || number == 0 ? "" : "last:", (long long)number);
    json_t *string = json_string(text);
    run->settings.validation = json_string_value(string);
    return json_object_set_new(run->record, "validation", string) == 0;
}

/* Reads what the program adds to the library's checkpoint. One that another program wrote does not have it. */
static int read_record(struct train_run *run) {
    struct train_settings *settings = &run->settings;
    const char *text = minnow_network_metadata(run->network, RECORD_KEY), *seconds, *best = NULL,
               *loss = NULL, *crc = NULL;
    json_t *validation = NULL, *log = NULL;
    json_int_t best_epoch = 0, patience = 0;
    int keeps_best = 0; /* older checkpoints have no best weights */
    json_error_t error;
    if (text == NULL)
        return STATUS_SUCCESS;
    run->record = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    bool complete =
        run->record != NULL &&
        json_unpack_ex(run->record, &error, JSON_STRICT,
                       "{s?o, s?s, s:s, s?s, s?s, s?s, s?s, s?I, s?s, s?s, s?b, s?I, s?o}", "validation",
                       &validation, "validation_crc32", &crc, "train_seconds", &seconds, "data",
                       &settings->data, "class_names", &settings->class_names, "class_weight",
                       &settings->class_weight, "checkpoint_every", &settings->checkpoint_every, "best_epoch",
                       &best_epoch, "best_accuracy", &best, "best_loss", &loss, "keeps_best", &keeps_best,
                       "patience", &patience, "log", &log) == 0;
    if (!complete)
        return problem(STATUS_INPUT, "%s: the checkpoint's record of the run is not as expected: %s",
                       settings->resume, error.text);
    if (!train_log_read_record(run, log) || !read_validation(run, validation, crc) ||
        !parse_real(seconds, 1e15, &run->train_seconds) ||
        (best != NULL && !parse_real(best, 1, &run->best_accuracy)) ||
        (loss != NULL && !number_parse_double(loss, &run->best_loss)) || best_epoch < 0 || patience < 0 ||
        patience > 1000000 || (best != NULL) != (best_epoch > 0))
        return problem(STATUS_INPUT, "%s: the checkpoint's record of the run holds impossible values",
                       settings->resume);
    run->best_epoch = (size_t)best_epoch;
    settings->patience = (uint64_t)patience;
    settings->keep = keeps_best ? KEEP_BEST : KEEP_LAST;
    return STATUS_SUCCESS;
}

int train_read_checkpoint(struct train_run *run) {
    minnow_status status =
        minnow_network_load(run->settings.resume, run->common.kernels->name, &run->network);
    if (status != MINNOW_OK)
        return report(status);
    model_warn(run->settings.resume, run->network);
    minnow_training_config_init(&run->config, sizeof run->config);
    minnow_distortion_config_init(&run->distortion, sizeof run->distortion);
    status = minnow_checkpoint_config(run->network, &run->config);
    if (status != MINNOW_OK)
        return report_resume(run, status);
    status = minnow_checkpoint_distortion(run->network, &run->distortion);
    if (status != MINNOW_OK)
        return report_resume(run, status);
    settings_from_config(run);
    return read_record(run);
}

/* The epochs before were judged by certain samples, and the others must be too. */
static int check_validation(const struct train_run *run) {
    char crc[9] = "none";
    if (run->validation != NULL)
        snprintf(crc, sizeof crc, "%08x", (unsigned)dataset_crc32(run->validation));
    if (run->validation_crc == NULL || strcmp(run->validation_crc, crc) == 0)
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE,
                   "%s: the CRC-32 of the samples to validate on is %.8s, but that of --validation %s is %s",
                   run->settings.resume, run->validation_crc, run->settings.validation, crc);
}

int train_resume(struct train_run *run) {
    minnow_status status = minnow_trainer_resume(run->network, run->data.train, &run->config, &run->trainer);
    if (status != MINNOW_OK)
        return report_resume(run, status);
    int checked = check_validation(run);
    if (checked != STATUS_SUCCESS)
        return checked;
    /* Removed only now, as the checkpoint's checksum covers the record. */
    status = minnow_network_set_metadata(run->network, RECORD_KEY, NULL);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

/* ---- Writing ---- */

static uint32_t fingerprint(struct train_run *run) {
    if (!run->has_fingerprint)
        run->fingerprint = dataset_crc32(run->data.train);
    run->has_fingerprint = true;
    return run->fingerprint;
}

/* How the network came about, in its own metadata. */
static minnow_status record_provenance(struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    struct provenance provenance = {
        .config = &run->config,
        .dataset = run->data.train,
        .fingerprint = fingerprint(run),
        .epochs = train_keeps_best(run) && run->concluded ? run->best_epoch : train_epochs_completed(run),
        .class_names = settings->class_names,
    };
    minnow_status status = provenance_record(run->network, &provenance);
    if (status == MINNOW_OK)
        status = curves_record(&run->curves, run->network);
    return status == MINNOW_OK ? preset_record(run) : status;
}

void train_settle_fingerprint(struct train_run *run) {
    (void)fingerprint(run);
}

static json_t *json_real_text(double value) {
    char text[NUMBER_TEXT];
    number_write_e18(value, text);
    return json_string(text);
}

/* Leaves out a text that is NULL, or not UTF-8, as file names need not be; --resume then needs the option
   again. */
static void set_text(json_t *object, const char *key, const char *text) {
    if (text != NULL)
        (void)json_object_set_new(object, key, json_string(text));
}

static minnow_status set_record(const struct train_run *run) {
    const struct train_settings *settings = &run->settings;
    json_t *record = json_pack("{s:o}", "train_seconds", json_real_text(run->train_seconds));
    set_text(record, "validation", settings->validation);
    if (run->validation != NULL) {
        char crc[9];
        snprintf(crc, sizeof crc, "%08x", (unsigned)dataset_crc32(run->validation));
        set_text(record, "validation_crc32", crc);
    }
    set_text(record, "data", settings->data);
    set_text(record, "class_names", settings->class_names);
    set_text(record, "class_weight", settings->class_weight);
    set_text(record, "checkpoint_every", settings->checkpoint_every);
    if (run->validation != NULL) {
        json_object_set_new(record, "keeps_best", json_boolean(settings->keep == KEEP_BEST));
        json_object_set_new(record, "patience", json_integer((json_int_t)settings->patience));
    }
    if (run->best_epoch != 0) {
        json_object_set_new(record, "best_epoch", json_integer((json_int_t)run->best_epoch));
        json_object_set_new(record, "best_accuracy", json_real_text(run->best_accuracy));
        json_object_set_new(record, "best_loss", json_real_text(run->best_loss));
    }
    json_t *log = train_log_record(run);
    if (log != NULL)
        json_object_set_new(record, "log", log);
    char *text = record != NULL ? json_dumps(record, JSON_COMPACT) : NULL;
    json_decref(record);
    minnow_status status = text != NULL ? minnow_network_set_metadata(run->network, RECORD_KEY, text)
                                        : fail_memory("a checkpoint");
    free(text);
    return status;
}

double train_checkpoint_wait(const struct train_run *run) {
    if (run->settings.checkpoint == NULL || run->every.epochs != 0)
        return (double)INFINITY;
    double left = run->checkpoint_time + run->every.seconds - clock_seconds();
    return left > 0 ? left : 0;
}

bool train_checkpoint_due(const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    if (run->settings.checkpoint == NULL)
        return false;
    if (train_is_over(run) || train_checkpoint_wait(run) <= 0)
        return true;
    return run->every.epochs != 0 && now->epoch_done && now->epoch % run->every.epochs == 0;
}

int train_write_checkpoint(struct train_run *run) {
    if (run->settings.checkpoint == NULL || run->checkpoint_up_to_date)
        return STATUS_SUCCESS;
    minnow_status status = record_provenance(run);
    if (status == MINNOW_OK)
        status = set_record(run);
    if (status == MINNOW_OK)
        status = minnow_trainer_save(run->trainer, run->settings.checkpoint);
    int result = status == MINNOW_OK ? STATUS_SUCCESS : report(status);
    (void)minnow_network_set_metadata(run->network, RECORD_KEY, NULL); /* no part of the network */
    run->checkpoint_up_to_date = result == STATUS_SUCCESS;
    run->checkpoint_time = clock_seconds();
    return result;
}

int train_save(struct train_run *run) {
    if (run->settings.save == NULL)
        return STATUS_SUCCESS;
    /* The record is there if --init read the network from a checkpoint. */
    minnow_status status = minnow_network_set_metadata(run->network, RECORD_KEY, NULL);
    if (status == MINNOW_OK)
        status = record_provenance(run);
    if (status == MINNOW_OK)
        status = run->save_format->save(run->network, run->settings.save, &(struct model_save_options){0});
    if (status != MINNOW_OK)
        return report(status);
    note("saved: %s", run->settings.save);
    return STATUS_SUCCESS;
}
