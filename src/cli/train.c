#include <math.h>
#include <stdio.h>
#include <string.h>
#include "cli/clock.h"
#include "cli/commands.h"
#include "cli/data_source.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/provenance.h"
#include "cli/terminal.h"

struct settings {
    struct size_list hidden;
    int activation, loss, schedule, optimizer, sparse; /* indices into the tables of names below */
    double rate, warmup;
    uint64_t batch, epochs, seed, classes, validation;
    bool test_each_epoch;
    const char *save, *data, *class_names;
};

/* In the order of the library's enumerations. */
static const char *const activations[] = {"relu", "sigmoid", "tanh", NULL};
static const char *const losses[] = {"softmax", "logistic", "quadratic", NULL};
static const char *const schedules[] = {"constant", "linear", "cosine", NULL};
static const char *const sparsities[] = {"auto", "on", "off", NULL};
static const char *const optimizers[] = {"sgd", NULL};

#define TARGET(member) .offset = offsetof(struct settings, member)

static const struct option options[] = {
    {.name = "data",
     .value = "FOLDER",
     .help = "IDX or CSV files, see 'minnow --help'; or 'digits', built in",
     .kind = OPTION_TEXT,
     TARGET(data)},
    {.name = "classes",
     .value = "N",
     .help = "labels are below N",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(classes),
     .least = 1,
     .most = 65536},
    {.name = "hidden",
     .value = "N,N,...",
     .help = "sizes of the hidden layers, or 'none'",
     .show_default = true,
     .kind = OPTION_SIZES,
     TARGET(hidden),
     .least = 1,
     .most = NETWORK_MAX_SIZE},
    {.name = "activation",
     .value = "NAME",
     .help = "of the hidden layers: relu, sigmoid or tanh",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(activation),
     .choices = activations},
    {.name = "loss",
     .value = "NAME",
     .help = "softmax, logistic or quadratic",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(loss),
     .choices = losses},
    {.name = "optimizer",
     .value = "NAME",
     .help = "sgd, plain gradient descent",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(optimizer),
     .choices = optimizers},
    {.name = "lr",
     .value = "X",
     .help = "learning rate",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(rate),
     .low = 0,
     .above = true,
     .high = 1e6},
    {.name = "schedule",
     .value = "NAME",
     .help = "of the learning rate: constant, linear or cosine; the last\n"
             "two fall to 0 at the end",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(schedule),
     .choices = schedules},
    {.name = "warmup",
     .value = "X",
     .help = "epochs over which the rate first rises from 0",
     .show_default = true,
     .kind = OPTION_REAL,
     TARGET(warmup),
     .low = 0,
     .high = 1e6},
    {.name = "batch",
     .value = "N",
     .help = "samples per update",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(batch),
     .least = 1,
     .most = 65536},
    {.name = "epochs",
     .value = "N",
     .help = "passes over the training samples",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(epochs),
     .least = 1,
     .most = 1000000},
    {.name = "seed",
     .value = "N",
     .help = "of the initial parameters and the order of samples",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(seed),
     .least = 0,
     .most = UINT64_MAX},
    {.name = "validation",
     .value = "N",
     .help = "keep the last N training samples out of training, and\n"
             "report the accuracy on them after each epoch",
     .show_default = true,
     .kind = OPTION_COUNT,
     TARGET(validation),
     .least = 0,
     .most = UINT32_MAX},
    {.name = "test-each-epoch",
     .help = "report the test accuracy after each epoch too",
     .kind = OPTION_FLAG,
     TARGET(test_each_epoch)},
    {.name = "sparse",
     .value = "NAME",
     .help = "skip inputs that are 0: auto (by how many there are), on or off;\nthe result is the same to "
             "the last bit",
     .show_default = true,
     .kind = OPTION_CHOICE,
     TARGET(sparse),
     .choices = sparsities},
    {.name = "save",
     .value = "FILE",
     .help = "write the trained network to a safetensors file, for\n"
             "'minnow test' and others; also when interrupted",
     .kind = OPTION_TEXT,
     TARGET(save)},
    {.name = "class-names",
     .value = "A,B,...",
     .help = "what the file of --save calls the classes [0,1,...]",
     .kind = OPTION_TEXT,
     TARGET(class_names)},
};

/* A run, from the data to the result. */
struct run {
    const struct settings *settings;
    const struct common_options *common;
    struct data data;
    minnow_dataset *validation; /* or NULL */
    minnow_network *network;
    minnow_trainer *trainer;
    struct minnow_progress progress; /* of the last epoch */
    double train_seconds;
    double test_accuracy, validation_accuracy; /* after the last epoch; NaN while unknown */
};

static struct settings default_settings(void) {
    const struct minnow_training_config training = minnow_training_config_default();
    const struct minnow_network_config network = minnow_network_config_default();
    return (struct settings){
        .hidden = {2, {128, 64}},
        .activation = (int)network.activation,
        .loss = (int)network.loss,
        .schedule = (int)training.schedule,
        .rate = training.learning_rate,
        .warmup = training.warmup_epochs,
        .batch = training.batch,
        .epochs = training.epochs,
        .seed = training.seed,
        .classes = 10,
    };
}

/* ---- Before training ---- */

static int split_validation(struct run *run) {
    size_t wanted = (size_t)run->settings->validation, count = minnow_dataset_count(run->data.train);
    if (wanted == 0)
        return STATUS_SUCCESS;
    if (wanted >= count)
        return problem(STATUS_USAGE, "train: --validation %zu: expected less than the %zu training samples",
                       wanted, count);
    minnow_status status = minnow_dataset_split(run->data.train, wanted, &run->validation);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static int create_network(struct run *run) {
    const struct settings *settings = run->settings;
    size_t sizes[NETWORK_MAX_LAYERS + 1];
    size_t layers = settings->hidden.count + 1;
    sizes[0] = minnow_dataset_features(run->data.train);
    memcpy(&sizes[1], settings->hidden.size, settings->hidden.count * sizeof sizes[0]);
    sizes[layers] = minnow_dataset_classes(run->data.train);
    minnow_network_config config = minnow_network_config_default();
    config.layer_sizes = sizes;
    config.layer_count = layers;
    config.activation = (minnow_activation)settings->activation;
    config.loss = (minnow_loss)settings->loss;
    config.seed = settings->seed;
    config.isa = run->common->kernels->name;
    minnow_status status = minnow_network_create(&config, &run->network);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static minnow_training_config training_config(const struct run *run) {
    const struct settings *settings = run->settings;
    minnow_training_config config = minnow_training_config_default();
    config.batch = (size_t)settings->batch;
    config.epochs = (size_t)settings->epochs;
    config.learning_rate = settings->rate;
    config.schedule = (minnow_schedule)settings->schedule;
    config.warmup_epochs = settings->warmup;
    config.seed = settings->seed;
    config.sparse = (minnow_sparsity)settings->sparse;
    config.threads = run->common->threads;
    return config;
}

static int create_trainer(struct run *run) {
    minnow_training_config config = training_config(run);
    minnow_status status = minnow_trainer_create(run->network, run->data.train, &config, &run->trainer);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static void describe(const struct run *run) {
    char sizes[256] = "";
    size_t length = 0;
    size_t layers = minnow_network_layer_count(run->network);
    for (size_t i = 0; i <= layers && length < sizeof sizes - 1; i++)
        length += (size_t)snprintf(sizes + length, sizeof sizes - length, "%s%zu", i > 0 ? "-" : "",
                                   minnow_network_layer_size(run->network, i));
    unsigned threads = minnow_trainer_threads(run->trainer);
    note("network: %s, %s%s%s, %llu parameters; %s, %u thread%s", sizes,
         layers > 1 ? activations[run->settings->activation] : "", layers > 1 ? ", " : "",
         losses[run->settings->loss], (unsigned long long)minnow_network_parameter_count(run->network),
         minnow_network_isa(run->network), threads, threads == 1 ? "" : "s");
}

static int prepare(struct run *run) {
    const struct settings *settings = run->settings;
    int status = STATUS_SUCCESS;
    if (settings->warmup > (double)settings->epochs)
        return problem(STATUS_USAGE, "train: --warmup %g: expected at most the number of epochs, %llu",
                       settings->warmup, (unsigned long long)settings->epochs);
    if (!output_usable())
        return STATUS_FAILURE;
    if (settings->save != NULL)
        status = target_check(settings->save);
    if (status == STATUS_SUCCESS)
        status = data_load(settings->data, true, (size_t)settings->classes, run->common->threads, &run->data);
    if (status == STATUS_SUCCESS)
        status = provenance_check_names(settings->class_names, minnow_dataset_classes(run->data.train));
    if (status == STATUS_SUCCESS)
        status = split_validation(run);
    if (status == STATUS_SUCCESS)
        status = create_network(run);
    if (status == STATUS_SUCCESS)
        status = create_trainer(run);
    if (status == STATUS_SUCCESS)
        describe(run);
    return status;
}

/* ---- Training ---- */

static int evaluate(const struct run *run, const minnow_dataset *dataset, struct minnow_evaluation *out) {
    minnow_status status = minnow_network_evaluate(run->network, dataset, run->common->threads, out, NULL);
    return status == MINNOW_OK ? STATUS_SUCCESS : report(status);
}

static double accuracy(const struct minnow_evaluation *evaluation) {
    return (double)evaluation->correct / (double)evaluation->total;
}

static double samples_per_second(const struct run *run) {
    return (double)run->progress.epoch_samples / run->progress.epoch_seconds;
}

/* "1:05" or "2:00:07", of a run that goes on as it has. */
static void time_left(const struct run *run, char *text, size_t size) {
    double done = (double)(run->progress.epoch_done ? run->progress.epoch : run->progress.epoch - 1);
    double seconds = run->train_seconds;
    if (!run->progress.epoch_done) {
        done += (double)run->progress.epoch_samples / (double)minnow_dataset_count(run->data.train);
        seconds += run->progress.epoch_seconds;
    }
    double left = done > 0 ? seconds / done * ((double)run->settings->epochs - done) : 0;
    unsigned long whole = left < 1e9 ? (unsigned long)(left + 0.5) : 999999999;
    if (whole < 3600)
        snprintf(text, size, "%lu:%02lu", whole / 60, whole % 60);
    else
        snprintf(text, size, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
}

/* A count with a comma every three digits. */
static void grouped(double value, char *text, size_t size) {
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.0f", value < 1e15 ? value : 1e15);
    size_t at = 0;
    for (int i = 0; i < length && at + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
}

static void show_epoch(const struct run *run) {
    const struct minnow_progress *now = &run->progress;
    char left[32], rate[48], extra[96] = "";
    time_left(run, left, sizeof left);
    grouped(samples_per_second(run), rate, sizeof rate);
    size_t length = 0;
    if (run->validation != NULL)
        length =
            (size_t)snprintf(extra, sizeof extra, "  validation %6.2f %%", 100 * run->validation_accuracy);
    if (run->settings->test_each_epoch)
        snprintf(extra + length, sizeof extra - length, "  test %6.2f %%", 100 * run->test_accuracy);
    note("epoch %*zu/%llu  loss %.4f  accuracy %6.2f %%%s  %s images/s  %s left",
         snprintf(NULL, 0, "%llu", (unsigned long long)run->settings->epochs), now->epoch,
         (unsigned long long)run->settings->epochs, now->train_loss, 100 * now->train_accuracy, extra, rate,
         left);
}

static void show_within_epoch(const struct run *run) {
    const struct minnow_progress *now = &run->progress;
    char left[32];
    time_left(run, left, sizeof left);
    progress("epoch %zu/%llu  %3.0f %%  loss %.4f  accuracy %6.2f %%  %s left", now->epoch,
             (unsigned long long)run->settings->epochs,
             100 * (double)now->epoch_samples / (double)minnow_dataset_count(run->data.train),
             now->train_loss, 100 * now->train_accuracy, left);
}

static bool print_epoch(const struct run *run) {
    const struct minnow_progress *now = &run->progress;
    json_t *object = json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:o}", "event", "epoch", "epoch", (json_int_t)now->epoch, "train_loss",
        json_number(now->train_loss), "train_accuracy", json_number(now->train_accuracy), "seconds",
        json_number(now->epoch_seconds), "samples_per_second", json_number(samples_per_second(run)));
    if (run->validation != NULL)
        json_object_set_new(object, "validation_accuracy", json_number(run->validation_accuracy));
    if (run->settings->test_each_epoch)
        json_object_set_new(object, "test_accuracy", json_number(run->test_accuracy));
    return print_json(object);
}

static int end_epoch(struct run *run) {
    struct minnow_evaluation evaluation;
    run->train_seconds += run->progress.epoch_seconds;
    int status = STATUS_SUCCESS;
    if (run->validation != NULL) {
        status = evaluate(run, run->validation, &evaluation);
        if (status == STATUS_SUCCESS)
            run->validation_accuracy = accuracy(&evaluation);
    }
    if (status == STATUS_SUCCESS && (run->settings->test_each_epoch || run->progress.run_done)) {
        status = evaluate(run, run->data.test, &evaluation);
        if (status == STATUS_SUCCESS)
            run->test_accuracy = accuracy(&evaluation);
    }
    if (status != STATUS_SUCCESS)
        return status;
    show_epoch(run);
    /* With no one left to read the results, only a model to be saved is worth going on for. */
    if (run->common->json && !print_epoch(run) && run->settings->save == NULL)
        return STATUS_FAILURE;
    return STATUS_SUCCESS;
}

/* Samples to advance by so that the line on a terminal moves four times a second; each stop costs a little,
   the bits do not depend on it. 0, no stop within an epoch, where nobody looks. */
static size_t next_stretch(size_t samples, double seconds) {
    const double interval = 0.25;
    double stretch = seconds > 0 ? (double)samples * interval / seconds : 1e6;
    if (!progress_wanted())
        return 0;
    return stretch < 1 ? 1 : stretch < 1e9 ? (size_t)stretch : 1000000000;
}

static int train(struct run *run) {
    size_t stretch = next_stretch(1000, 0.25);
    int status = STATUS_SUCCESS;
    while (status == STATUS_SUCCESS && !run->progress.run_done && !interrupted()) {
        size_t before = run->progress.epoch_done ? 0 : run->progress.epoch_samples;
        double start = clock_seconds();
        minnow_status advanced = minnow_trainer_advance(run->trainer, stretch, &run->progress);
        if (advanced != MINNOW_OK)
            return report(advanced);
        stretch = next_stretch(run->progress.epoch_samples - before, clock_seconds() - start);
        if (run->progress.epoch_done)
            status = end_epoch(run);
        else
            show_within_epoch(run);
    }
    return status;
}

/* ---- After training ---- */

/* Of the epoch that progress tells of, only if it is done. */
static size_t epochs_completed(const struct minnow_progress *now) {
    return now->epoch_done || now->epoch == 0 ? now->epoch : now->epoch - 1;
}

static int save(const struct run *run) {
    const struct settings *settings = run->settings;
    if (settings->save == NULL)
        return STATUS_SUCCESS;
    minnow_training_config config = training_config(run);
    struct provenance provenance = {
        &config,         optimizers[settings->optimizer],  schedules[settings->schedule],
        run->data.train, epochs_completed(&run->progress), settings->class_names};
    minnow_status status = provenance_record(run->network, &provenance);
    if (status == MINNOW_OK)
        status = minnow_network_save(run->network, settings->save);
    if (status != MINNOW_OK)
        return report(status);
    note("saved: %s", run->settings->save);
    return STATUS_SUCCESS;
}

static void print_done(const struct run *run, const char *event) {
    const struct minnow_progress *now = &run->progress;
    size_t epochs = epochs_completed(now);
    double seconds = run->train_seconds + (now->epoch_done ? 0 : now->epoch_seconds);
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(run->network));
    json_t *object =
        json_pack("{s:s, s:I, s:o, s:o}", "event", event, "epochs", (json_int_t)epochs, "train_seconds",
                  json_number(seconds), "load_seconds", json_number(run->data.load_seconds));
    if (run->validation != NULL)
        json_object_set_new(object, "validation_accuracy", json_number(run->validation_accuracy));
    if (now->run_done)
        json_object_set_new(object, "test_accuracy", json_number(run->test_accuracy));
    json_object_set_new(object, "isa", json_string(minnow_network_isa(run->network)));
    json_object_set_new(object, "threads", json_integer(minnow_trainer_threads(run->trainer)));
    json_object_set_new(object, "params_crc32", json_string(crc));
    json_object_set_new(object, "data", json_string(data_source_name(&run->data.source)));
    print_json(object);
}

static void print_text(const struct run *run) {
    const struct colours *colour = output_colours();
    print("test accuracy %s%.2f %%%s after %zu epoch%s, %.2f s of training, parameters' CRC-32 %08x\n",
          colour->bold, 100 * run->test_accuracy, colour->plain, run->progress.epoch,
          run->progress.epoch == 1 ? "" : "s", run->train_seconds,
          (unsigned)minnow_network_params_crc32(run->network));
}

static int finish(const struct run *run) {
    int status = save(run);
    if (run->progress.run_done) {
        if (run->common->json)
            print_done(run, "done");
        else
            print_text(run);
        return status;
    }
    if (run->common->json)
        print_done(run, "interrupted");
    note("interrupted in epoch %zu%s", run->progress.epoch,
         run->settings->save == NULL ? "; nothing saved, as there was no --save" : "");
    return status == STATUS_SUCCESS ? STATUS_INTERRUPTED : status;
}

static int run_train(const struct command *command, int argc, char **argv) {
    struct settings settings = default_settings();
    struct common_options common;
    struct operands operands;
    int status = options_parse(command, argc, argv, &common, &settings, &operands);
    if (status != PARSED)
        return status;
    struct run run = {
        .settings = &settings, .common = &common, .test_accuracy = NAN, .validation_accuracy = NAN};
    status = prepare(&run);
    if (status == STATUS_SUCCESS) {
        interrupt_watch(run.trainer);
        status = train(&run);
        if (status == STATUS_SUCCESS)
            status = finish(&run);
        interrupt_release();
    }
    minnow_trainer_free(run.trainer);
    minnow_network_free(run.network);
    minnow_dataset_free(run.validation);
    data_free(&run.data);
    return status;
}

const struct command command_train = {
    .name = "train",
    .summary = "trains a network, tests it, saves it",
    .usage = "[OPTIONS]",
    .about = "Mini-batch gradient descent on labelled samples. Without options: a good network for\n"
             "handwritten digits, in seconds. The result depends on the options and the data alone,\n"
             "to the last bit: not on the CPU, the instruction set or the number of threads.\n"
             "Ctrl-C ends training in good order; with --save the network so far is kept.\n",
    .examples = "  minnow train --epochs 20 --save digits.safetensors\n"
                "  minnow train --hidden 256 --activation tanh --lr 0.1 --schedule cosine\n"
                "  minnow train --data ~/fashion --validation 5000 --test-each-epoch\n"
                "  minnow train --hidden none                      a linear classifier\n"
                "  minnow train --json | tail -1 | jq .test_accuracy\n",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_train,
};
