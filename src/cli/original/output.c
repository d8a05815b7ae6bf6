/* What the original program's interface prints, line for line. */
#include <stdio.h>

#include "cli/frame/json.h"
#include "cli/frame/terminal.h"
#include "cli/original/original.h"

enum { SHOW_EVERY = 100 };

const char *original_rounded(double value, int digits, char text[32]) {
    int length = snprintf(text, 32, "%.*f", digits, value);
    while (length > 2 && text[length - 1] == '0' && text[length - 2] != '.')
        text[--length] = '\0';
    return text;
}

void original_print_images(const struct original_run *run, const struct evaluation *evaluation) {
    char text[32];
    size_t correct = 0;
    print("\nTESTING:\n\n");
    for (size_t i = 0; i < evaluation->totals.total; i++) {
        uint32_t label = minnow_dataset_label(run->data.test, i);
        correct += evaluation->predicted[i] == label;
        if (i % SHOW_EVERY == 0)
            print("-- Image #%zu --\nYour Label: %u\nCorrect Label: %u\nAccuracy: %s\n\n", i + 1,
                  (unsigned)evaluation->predicted[i], (unsigned)label,
                  original_rounded((double)correct / (double)(i + 1), 5, text));
    }
}

/* The ten lines of the original hold each label's share of all errors, whatever their words say. */
void original_print_labels(const struct evaluation *evaluation) {
    char text[32];
    size_t wrong = evaluation->totals.total - evaluation->totals.correct;
    print("Percentage incorrect for each label:\n");
    for (size_t label = 0; label < ORIGINAL_CLASSES; label++) {
        double share = wrong > 0 ? 100 * (double)evaluation->errors[label] / (double)wrong : 0;
        print("%s%% of %zu's were incorrect.\n", original_rounded(share, 3, text), label);
    }
    print("\nError rate of each label:\n");
    for (size_t label = 0; label < ORIGINAL_CLASSES; label++) {
        size_t errors = evaluation->errors[label], samples = evaluation->samples[label];
        if (samples > 0)
            print("%zu: %s%% (%zu of %zu)\n", label,
                  original_rounded(100 * (double)errors / (double)samples, 3, text), errors, samples);
        else
            print("%zu: no such image\n", label);
    }
    print("\n");
}

void original_print_done(const struct original_run *run, const struct original_trial *trial,
                         const char *event) {
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(trial->network));
    const struct minnow_evaluation *totals = &trial->evaluation.totals;
    json_t *object = json_pack("{s:s, s:o, s:I, s:I, s:o}", "event", event, "accuracy",
                               json_number(evaluation_accuracy(&trial->evaluation)), "correct",
                               (json_int_t)totals->correct, "total", (json_int_t)totals->total,
                               "load_seconds", json_number(run->load_seconds));
    if (!run->settings->saved) {
        json_object_set_new(object, "learning_rate", json_number(trial->rate));
        json_object_set_new(object, "train_seconds", json_number(trial->train_seconds));
        json_object_set_new(object, "threads", json_integer(trial->threads));
    }
    json_object_set_new(object, "isa", json_string(minnow_network_isa(trial->network)));
    json_object_set_new(object, "params_crc32", json_string(crc));
    json_object_set_new(object, "data", json_string(data_source_name(&run->data.source)));
    print_json(object);
}
