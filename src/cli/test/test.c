#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"
#include "cli/inputs/confusion.h"
#include "cli/inputs/data_source.h"
#include "cli/inputs/evaluation.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/table_source.h"
#include "cli/inputs/test_data.h"
#include "cli/test/classes.h"
#include "cli/test/mistakes.h"
#include "cli/test/numbers.h"
#include "data/dataset.h"

struct settings {
    const char *model, *data;
    bool transpose;
    struct model_form form;
    struct table_reading reading;
    uint64_t mistakes;
};

static const struct option options[] = {
    MODEL_OPTION(struct settings, model),
    DATA_OPTION(struct settings, data, DATA_FORMATS),
    TRANSPOSE_OPTION(struct settings, transpose),
    {.name = "mistakes",
     .aliases = "worst show-mistakes errors",
     .value = "N",
     .alone = "10",
     .help = "show the N worst, or without a number 10: pictures drawn, rows of a\ntable with their columns",
     .show_default = true,
     .kind = OPTION_COUNT,
     .offset = offsetof(struct settings, mistakes),
     .least = 0,
     .most = 10000},
    MODEL_FORM_OPTIONS(struct settings, form),
    TABLE_READING_OPTIONS(struct settings, reading),
};

static json_t *json_counts(const size_t *counts, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_integer((json_int_t)counts[i]));
    return array;
}

static void print_as_json(const struct evaluation *evaluation, const size_t *confusion,
                          const struct class_scores *scores, bool collapsed, const struct mistakes *mistakes,
                          const struct data *data, const minnow_network *network) {
    size_t classes = evaluation->classes;
    json_t *object = json_pack(
        "{s:o, s:I, s:I, s:o, s:o}", "accuracy", json_number(evaluation_accuracy(evaluation)), "correct",
        (json_int_t)evaluation->totals.correct, "total", (json_int_t)evaluation->totals.total, "loss",
        json_number(evaluation->totals.loss), "errors_by_label", json_counts(evaluation->errors, classes));
    if (confusion != NULL) {
        json_t *rows = json_array();
        for (size_t label = 0; label < classes; label++)
            json_array_append_new(rows, json_counts(&confusion[label * classes], classes));
        json_object_set_new(object, "confusion", rows);
    }
    class_scores_json(scores, object);
    if (mistakes->list != NULL)
        json_object_set_new(object, "mistakes", mistakes_json(mistakes, data));
    json_t *names = class_names_read(network);
    if (names != NULL)
        json_object_set_new(object, "class_names", names);
    json_object_set_new(object, "collapsed", json_boolean(collapsed));
    json_object_set_new(object, "isa", json_string(minnow_network_isa(network)));
    json_object_set_new(object, "data", json_string(data_source_name(&data->source)));
    print_json(object);
}

static void print_rates(const struct evaluation *evaluation, const json_t *names) {
    print("\nlabel  samples     wrong\n");
    for (size_t label = 0; label < evaluation->classes; label++) {
        if (evaluation->samples[label] == 0)
            continue;
        print("%5zu  %7zu  %6.2f %%", label, evaluation->samples[label],
              100 * (double)evaluation->errors[label] / (double)evaluation->samples[label]);
        confusion_print_name(names, label, SIZE_MAX);
    }
}

static void print_as_text(const struct evaluation *evaluation, const size_t *confusion,
                          const struct class_scores *scores, const minnow_network *network) {
    json_t *names = class_names_read(network);
    const struct colours *colour = output_colours();
    print("accuracy %s%.2f %%%s: %zu of %zu right, loss %.4f\n", colour->bold,
          100 * evaluation_accuracy(evaluation), colour->plain, evaluation->totals.correct,
          evaluation->totals.total, evaluation->totals.loss);
    if (confusion != NULL)
        confusion_print(evaluation, confusion, names);
    else
        print_rates(evaluation, names);
    class_scores_print(scores, evaluation, names);
    json_decref(names);
}

static int print_mistakes(const struct mistakes *mistakes, const struct data *data,
                          const struct encoder *encoder, const minnow_network *network) {
    json_t *names = class_names_read(network);
    int status = mistakes_print(mistakes, data, encoder, names);
    json_decref(names);
    return status;
}

/* Whether the outputs tell no more of the samples than the frequencies of the classes do. */
static bool only_guesses(const struct evaluation *evaluation, const struct guess *guess) {
    return evaluation_accuracy(evaluation) <= guess->accuracy &&
           guess_is_as_good(guess, evaluation->totals.loss);
}

static int tell(const struct settings *settings, const struct evaluation *evaluation,
                const struct class_scores *scores, const struct mistakes *mistakes, const struct data *data,
                const struct encoder *encoder, const minnow_network *network,
                const struct common_options *common) {
    struct guess guess;
    int status = guess_on(network, data->test, &guess);
    if (status != STATUS_SUCCESS)
        return status;
    size_t *confusion = NULL;
    if (evaluation->classes <= (common->json ? CONFUSION_CLASSES_JSON : CONFUSION_CLASSES_TEXT)) {
        confusion = confusion_count(evaluation, data->test);
        if (confusion == NULL)
            return problem(STATUS_FAILURE, "not enough memory for a confusion matrix of %zu classes",
                           evaluation->classes);
    }

    bool collapsed = only_guesses(evaluation, &guess);
    if (common->json)
        print_as_json(evaluation, confusion, scores, collapsed, mistakes, data, network);
    else
        print_as_text(evaluation, confusion, scores, network);
    memory_free(confusion);
    if (!common->json && mistakes->list != NULL)
        status = print_mistakes(mistakes, data, encoder, network);
    if (collapsed)
        note("no better than guessing, which gets %.2f %% right: is the network for these data, and the "
             "scaling of its inputs theirs?%s",
             100 * guess.accuracy, settings->data == NULL ? " Other data are named with --data" : "");
    return status;
}

static int test_classes(const struct settings *settings, minnow_network *network, const struct data *data,
                        const struct encoder *encoder, const struct common_options *common) {
    struct evaluation evaluation;
    struct mistakes mistakes = {0};
    struct class_scores scores = {0};
    int status = evaluation_run(network, data->test, common->threads, &evaluation);
    if (status == STATUS_SUCCESS)
        status = class_scores_of(network, data->test, &evaluation, &scores);
    if (status == STATUS_SUCCESS && settings->mistakes > 0)
        status = mistakes_find(network, data, &evaluation, (size_t)settings->mistakes, &mistakes);
    if (status == STATUS_SUCCESS)
        status = tell(settings, &evaluation, &scores, &mistakes, data, encoder, network, common);
    mistakes_free(&mistakes);
    class_scores_free(&scores);
    evaluation_free(&evaluation);
    return status;
}

static int test(const struct settings *settings, const struct command_line *line, minnow_network *network,
                struct data *data) {
    struct encoder *encoder = NULL;
    int status =
        test_data_load(&(struct test_data_request){line, settings->model, settings->data, settings->transpose,
                                                   &settings->form, &settings->reading},
                       network, data, &encoder);
    if (status == STATUS_SUCCESS && data->test->targets != NULL)
        status = test_numbers(network, data, encoder, (size_t)settings->mistakes, &line->common);
    else if (status == STATUS_SUCCESS)
        status = test_classes(settings, network, data, encoder, &line->common);
    encoder_free(encoder);
    return status;
}

static int run_test(const struct command *command, int argc, char **argv) {
    struct settings settings = {.form = MODEL_FORM_UNSET, .reading = TABLE_READING_UNSET};
    struct command_line line;
    int status = command_begin(command, argc, argv, &settings, &line);
    if (status != BEGUN)
        return status;
    minnow_network *network;
    status = model_open_first(command, settings.model, line.common.kernels->name, &settings.form, &network);
    if (status != STATUS_SUCCESS)
        return status;
    struct data data = {0};
    status = test(&settings, &line, network, &data);
    data_free(&data);
    minnow_network_free(network);
    return status;
}

const struct command command_test = {
    .name = "test",
    .words = "eval evaluate score validate",
    .summary = "tests a saved network, label by label",
    .usage = "--model PATH [OPTIONS]",
    .about = "Runs a network over the test samples and prints how many it gets right, the share it gets\n"
             "wrong of each label, and what it took them for. Matrices of more than 24 classes (1024\n"
             "with --json) are left out. --mistakes 12 draws the worst ones, worst first: those whose own\n"
             "class got the least, with the outputs of both classes below.\n",
    .examples =
        "  minnow test --model digits.safetensors\n"
        "  minnow test --model digits.safetensors --mistakes 12\n"
        "  minnow test --model values --data ~/mnist        the original program's folder\n"
        "  minnow test --model torch.safetensors --activation relu --loss softmax --input-scaling 1/255\n"
        "  minnow test --model digits.safetensors --json | jq .accuracy\n",
    .common = true,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_test,
};
