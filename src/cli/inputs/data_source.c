#include "cli/inputs/data_source.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/team.h"
#include "cli/command.h"
#include "cli/frame/clock.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/data_check.h"
#include "cli/inputs/preprocessing.h"
#include "data/dataset.h"

const char *data_source_choice(size_t index) {
    return index == 0 ? "digits" : NULL;
}

enum { DIGITS_TRAIN = 60000, DIGITS_TEST = 10000, DIGITS_SEED = 1, DIGITS_CLASSES = 10 };

static bool set_folder(struct data_source *source, const char *why, const char *first, const char *second) {
    int length = snprintf(source->folder, sizeof source->folder, "%s%s", first, second);
    source->digits = false;
    source->why = why;
    return length >= 0 && (size_t)length < sizeof source->folder;
}

static void set_digits(struct data_source *source, const char *why) {
    source->digits = true;
    source->folder[0] = '\0';
    source->why = why;
}

/* --data or MINNOW_DATA: taken whatever it holds, so that a mistake shows instead of other data being used. */
static int take_demanded(struct data_source *source, const char *why, const char *value) {
    source->demanded = true;
    if (strcmp(value, "digits") == 0) {
        set_digits(source, why);
        return STATUS_SUCCESS;
    }
    if (value[0] == '\0')
        return problem(STATUS_USAGE, "%s: expected a folder or 'digits', found nothing", why);
    if (!set_folder(source, why, value, ""))
        return problem(STATUS_USAGE, "%s: a path of more than %d bytes", why, PATH_MAX - 1);
    return STATUS_SUCCESS;
}

static bool complete(const struct data_source *source, bool with_train) {
    return (!with_train || dataset_folder_has(source->folder, MINNOW_SUBSET_TRAIN)) &&
           dataset_folder_has(source->folder, MINNOW_SUBSET_TEST);
}

/* The folder that tools/fetch-mnist fills. As the XDG base directory specification has it, a relative path in
   XDG_CACHE_HOME is ignored. */
static bool cache_folder(struct data_source *source) {
    static const char why[] = "fetched by tools/fetch-mnist";
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/')
        return set_folder(source, why, cache, "/minnow/mnist");
    return home != NULL && home[0] != '\0' && set_folder(source, why, home, "/.cache/minnow/mnist");
}

int data_source_find(const char *option, bool with_train, struct data_source *out) {
    memset(out, 0, sizeof *out);
    if (option != NULL)
        return take_demanded(out, "--data", option);
    const char *variable = getenv("MINNOW_DATA");
    if (variable != NULL && variable[0] != '\0')
        return take_demanded(out, "MINNOW_DATA", variable);
    if (set_folder(out, "in this folder", "DATA", "") && complete(out, with_train))
        return STATUS_SUCCESS;
    if (cache_folder(out) && complete(out, with_train))
        return STATUS_SUCCESS;
    if (set_folder(out, "Debian's dataset-fashion-mnist", "/usr/share/datasets/fashion-mnist", "") &&
        complete(out, with_train))
        return STATUS_SUCCESS;
    set_digits(out, "no data files found");
    return STATUS_SUCCESS;
}

const char *data_source_name(const struct data_source *source) {
    return source->digits ? "built-in digits" : source->folder;
}

minnow_status data_source_digits(minnow_subset subset, minnow_dataset **out) {
    return minnow_dataset_digits(subset, subset == MINNOW_SUBSET_TRAIN ? DIGITS_TRAIN : DIGITS_TEST,
                                 DIGITS_SEED, out);
}

/* ---- Loading ---- */

/* The two subsets, each with its outcome: messages are per thread, and so are kept beside the status. */
struct loading {
    const struct data_source *source;
    struct data_request request;
    bool wanted[2];
    minnow_dataset *dataset[2];
    minnow_status status[2];
    char message[2][1024];
};

static void load_subset(struct loading *loading, minnow_subset subset) {
    const struct data_source *source = loading->source;
    if (source->digits)
        loading->status[subset] = data_source_digits(subset, &loading->dataset[subset]);
    else
        loading->status[subset] =
            dataset_open(source->folder, subset, &loading->request, &loading->dataset[subset]);
    if (loading->status[subset] != MINNOW_OK)
        snprintf(loading->message[subset], sizeof loading->message[subset], "%s", minnow_last_error());
}

/* The line that the handler of SIGBUS writes; made beforehand, as a signal handler may not format text. */
static char cut_short[PATH_MAX + 200];

/* SIGBUS: data files are mapped into memory, and one was cut short, so that a page of it is gone. */
static void on_bus_error(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code != BUS_ADRERR) {
        signal(signal_number, SIG_DFL); /* sent by someone: the same again, and the end */
        raise(signal_number);
        return;
    }
    static atomic_flag told = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&told))
        pause(); /* for another thread, which has seen it too, to end the program */
    (void)!write(STDERR_FILENO, cut_short, strlen(cut_short));
    _exit(STATUS_INPUT);
}

void data_watch_files(const struct data_source *source) {
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    snprintf(cut_short, sizeof cut_short,
             "%sminnow: %s: a file was cut short while it was in use, or could not be read\n",
             progress_wanted() ? "\n" : "", data_source_name(source));
    sigaction(SIGBUS, &action, NULL);
}

static void load_on_member(struct team_member member, void *context) {
    struct loading *loading = context;
    for (unsigned subset = member.index; subset < 2; subset += member.count)
        if (loading->wanted[subset])
            load_subset(loading, subset);
}

/* A folder that the user did not name on this command line is named with its origin. */
static int report_loading(const struct loading *loading, int subset) {
    char text[1200];
    const char *why = loading->source->why;
    bool named = strcmp(why, "--data") == 0;
    snprintf(text, sizeof text, "%s%s%s%s", loading->message[subset],
             named ? "" : " (data folder: ", named ? "" : why, named ? "" : ")");
    return report_message(loading->status[subset], text);
}

/* What of the data is there in any case. */
static const minnow_dataset *any_part(const struct data *data) {
    return data->test != NULL ? data->test : data->train;
}

static void describe(const struct data *data, double seconds) {
    if (data->test != NULL && data->test->whole)
        note("data: %s has no test set of its own: every fifth sample is kept for the test",
             data_source_name(&data->source));
    if (any_part(data)->from_one)
        note("data: labels begin at 1 in %s: %s", data_source_name(&data->source),
             "class 0 stands for 1, and so on");
    if (data->test == NULL) {
        note("data: %s (%s), %zu training samples of %zu values, no test set, loaded in %.2f s",
             data_source_name(&data->source), data->source.why, minnow_dataset_count(data->train),
             minnow_dataset_features(data->train), seconds);
        return;
    }
    char train[32] = "";
    if (data->train != NULL)
        snprintf(train, sizeof train, "%zu training, ", minnow_dataset_count(data->train));
    note("data: %s (%s), %s%zu test samples of %zu values, loaded in %.2f s", data_source_name(&data->source),
         data->source.why, train, minnow_dataset_count(data->test), minnow_dataset_features(data->test),
         seconds);
}

/* Options of pictures have no effect on other data. */
int data_check_pictures(const struct data *data, const struct data_request *request) {
    bool pictures = any_part(data)->pictures.method != PICTURES_UNKNOWN;
    if (pictures || (request->height == 0 && !request->colour))
        return STATUS_SUCCESS;
    return problem(STATUS_USAGE, "--%s has no effect: %s holds no pictures",
                   request->height != 0 ? "size" : "colour", data_source_name(&data->source));
}

/* One-hot labels say by their columns how many classes there are. */
static int check_columns(const struct data *data) {
    size_t train = data->train->label_columns, test = data->test->label_columns;
    if (train == 0 || test == 0 || train == test)
        return STATUS_SUCCESS;
    return problem(STATUS_INPUT, "%s: one-hot test labels of %zu columns, expected %zu as for training",
                   data_source_name(&data->source), test, train);
}

struct data_request data_request_of(const minnow_network *network) {
    size_t layers = minnow_network_layer_count(network);
    struct data_request request = {.classes = minnow_network_layer_size(network, layers),
                                   .features = minnow_network_layer_size(network, 0)};
    struct picture_recipe pictures = preprocessing_read(network);
    if (pictures.method == PICTURES_AREA) {
        request.height = pictures.height;
        request.width = pictures.width;
        request.colour = pictures.channels == 3;
    }
    return request;
}

/* Whether test data are to be read: not where they may be missing and only those to train on are there. */
static bool wants_test(const struct data_source *source, enum data_test test) {
    if (test != DATA_TEST_OPTIONAL || source->digits)
        return test != DATA_TEST_NONE;
    return dataset_folder_has(source->folder, MINNOW_SUBSET_TEST) ||
           !dataset_folder_has(source->folder, MINNOW_SUBSET_TRAIN);
}

/* What holds for two subsets only. */
static int check_pair(const struct data *data) {
    int status = check_columns(data);
    if (status == STATUS_SUCCESS &&
        minnow_dataset_features(data->train) != minnow_dataset_features(data->test))
        status = problem(STATUS_INPUT, "%s: training samples have %zu values, test samples %zu",
                         data_source_name(&data->source), minnow_dataset_features(data->train),
                         minnow_dataset_features(data->test));
    return status;
}

int data_load_request(const char *option, bool with_train, const struct data_request *request,
                      unsigned threads, struct data *out) {
    return data_load_parts(option, with_train, DATA_TEST_WANTED, request, threads, out);
}

int data_load_parts(const char *option, bool with_train, enum data_test test,
                    const struct data_request *request, unsigned threads, struct data *out) {
    memset(out, 0, sizeof *out);
    int status = data_source_find(option, with_train, &out->source);
    if (status != STATUS_SUCCESS)
        return status;
    if (out->source.digits && request->classes != 0 && request->classes != DIGITS_CLASSES)
        return problem(STATUS_USAGE, "the built-in digits have %d classes, not %zu", DIGITS_CLASSES,
                       request->classes);
    if (out->source.digits && request->transpose)
        return problem(STATUS_USAGE, "--transpose has no effect on the built-in digits, which are upright");
    /* Drawing the digits takes a second or two; nobody is to wonder for so long whether anything happens. */
    progress("data: %s ...", out->source.digits ? "drawing digits" : "loading");
    double start = clock_seconds();
    data_watch_files(&out->source);
    struct loading loading = {.source = &out->source, .request = *request, .wanted = {with_train, true}};
    loading.wanted[MINNOW_SUBSET_TEST] = wants_test(&out->source, test);
    loading.request.map = true;
    loading.request.all = test == DATA_TEST_NONE;
    team_run(team_threads(threads) > 1 && with_train ? 2 : 1, load_on_member, &loading);
    for (int subset = 0; subset < 2 && status == STATUS_SUCCESS; subset++)
        if (loading.status[subset] != MINNOW_OK)
            status = report_loading(&loading, subset);
    out->train = loading.dataset[MINNOW_SUBSET_TRAIN];
    out->test = loading.dataset[MINNOW_SUBSET_TEST];
    double seconds = clock_seconds() - start;
    bool pair = out->train != NULL && out->test != NULL;
    if (status == STATUS_SUCCESS && request->classes == 0)
        dataset_settle_classes(out->train, out->test);
    if (status == STATUS_SUCCESS)
        dataset_settle_features(out->train, out->test, request->features);
    if (status == STATUS_SUCCESS && pair)
        status = check_pair(out);
    if (status != STATUS_SUCCESS)
        data_free(out);
    else
        describe(out, seconds);
    if (status == STATUS_SUCCESS)
        data_check_precision(out);
    if (status == STATUS_SUCCESS && pair && !out->source.digits)
        status = data_check_sets(out, out->train->class_names, threads);
    return status;
}

int data_load(const char *option, bool with_train, size_t classes, unsigned threads, struct data *out) {
    return data_load_request(option, with_train, &(struct data_request){.classes = classes}, threads, out);
}

int data_picture_options(const char *size, bool colour, struct data_request *request) {
    int used = 0;
    request->colour = colour;
    if (size == NULL)
        return STATUS_SUCCESS;
    unsigned width, height;
    if (sscanf(size, "%5ux%5u%n", &width, &height, &used) != 2 || size[used] != '\0' || width == 0 ||
        height == 0)
        return problem(STATUS_USAGE, "--size %s: expected a width and a height in pixels, 28x28 for instance",
                       size);
    request->width = width;
    request->height = height;
    return STATUS_SUCCESS;
}

void data_free(struct data *data) {
    minnow_dataset_free(data->train);
    minnow_dataset_free(data->test);
    memory_free(data->rows);
    data->train = data->test = NULL;
    data->rows = NULL;
}
