/* What minnow train tells of a run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "cli/command.h"
#include "cli/frame/json.h"
#include "cli/frame/quote.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/choices.h"
#include "cli/ranks/ranks.h"
#include "cli/train/line.h"
#include "cli/train/summary.h"
#include "cli/train/train.h"

void train_network_text(const minnow_network *network, char text[TRAIN_NETWORK_TEXT]) {
    size_t layers = minnow_network_layer_count(network), length = 0;
    for (size_t i = 0; i <= layers; i++)
        length += (size_t)snprintf(text + length, TRAIN_NETWORK_TEXT - length, "%s%zu", i > 0 ? "-" : "",
                                   minnow_network_layer_size(network, i));

    char activations[ACTIVATIONS_TEXT];
    network_activations_text(network, "", activations);
    snprintf(text + length, TRAIN_NETWORK_TEXT - length, ", %s%s%s, %llu parameters", activations,
             layers > 1 ? ", " : "", choice_loss(minnow_network_loss(network)),
             (unsigned long long)minnow_network_parameter_count(network));
}

void train_show_network(const struct train_run *run) {
    char text[TRAIN_NETWORK_TEXT];
    train_network_text(run->network, text);
    unsigned threads = minnow_trainer_threads(run->trainer);
    note("network: %s; %s, %u thread%s", text, minnow_network_isa(run->network), threads,
         threads == 1 ? "" : "s");
}

void train_show_start(const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    if (now->epoch_done)
        note("resumed: %s, after epoch %zu of %zu", run->settings.resume, now->epoch, run->config.epochs);
    else
        note("resumed: %s, %zu of %zu samples into epoch %zu of %zu", run->settings.resume,
             now->epoch_samples, minnow_dataset_count(run->data.train), now->epoch, run->config.epochs);
}

/* ---- Epochs ---- */

double train_samples_per_second(const struct train_run *run) {
    return (double)run->progress.epoch_samples / run->progress.epoch_seconds;
}

void train_time_left(const struct train_run *run, char *text, size_t size) {
    double done = (double)(run->progress.epoch_done ? run->progress.epoch : run->progress.epoch - 1);
    double seconds = run->train_seconds;
    if (!run->progress.epoch_done) {
        done += (double)run->progress.epoch_samples / (double)minnow_dataset_count(run->data.train);
        seconds += run->progress.epoch_seconds;
    }
    double left = done > 0 ? seconds / done * ((double)run->config.epochs - done) : 0;
    unsigned long whole = left < 1e9 ? (unsigned long)(left + 0.5) : 999999999;
    if (whole < 3600)
        snprintf(text, size, "%lu:%02lu", whole / 60, whole % 60);
    else
        snprintf(text, size, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
}

void train_grouped(double value, char *text, size_t size) {
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

/* "  validation RMSE 561.2", of numbers. */
static void show_epoch_of_numbers(const struct train_run *run, const char *speed, const char *left) {
    const struct minnow_progress *now = &run->progress;
    char extra[128] = "", rate[NUMBER_TEXT];
    number_write_readable(now->learning_rate, rate);
    size_t length = 0;
    if (run->validation != NULL)
        length =
            (size_t)snprintf(extra, sizeof extra, "  validation RMSE %.6g", run->on_validation.numbers.rmse);
    if (run->settings.test_each_epoch)
        snprintf(extra + length, sizeof extra - length, "  test RMSE %.6g", run->on_test.numbers.rmse);
    note("epoch %*zu/%zu  loss %.5f%s  rate %s  %s rows/s  %s left",
         snprintf(NULL, 0, "%zu", run->config.epochs), now->epoch, run->config.epochs, now->train_loss, extra,
         rate, speed, left);
}

const char *train_samples_name(const struct train_run *run) {
    bool table = run->encoder != NULL && !run->encoder->bytes;
    return table || dataset_is_sparse(run->data.train) ? "rows" : "images";
}

void train_show_epoch(const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    if (train_line_wanted()) {
        train_line_epoch(run);
        return;
    }
    char left[32], speed[48], extra[96] = "", rate[NUMBER_TEXT];
    number_write_readable(now->learning_rate, rate);
    train_time_left(run, left, sizeof left);
    train_grouped(train_samples_per_second(run), speed, sizeof speed);
    if (train_predicts_numbers(run)) {
        show_epoch_of_numbers(run, speed, left);
        return;
    }
    size_t length = 0;
    if (run->validation != NULL)
        length =
            (size_t)snprintf(extra, sizeof extra, "  validation %6.2f %%", 100 * run->on_validation.accuracy);
    if (run->settings.test_each_epoch)
        snprintf(extra + length, sizeof extra - length, "  test %6.2f %%", 100 * run->on_test.accuracy);
    note("epoch %*zu/%zu  loss %.4f  accuracy %6.2f %%%s  rate %s  %s %s/s  %s left",
         snprintf(NULL, 0, "%zu", run->config.epochs), now->epoch, run->config.epochs, now->train_loss,
         100 * now->train_accuracy, extra, rate, speed, train_samples_name(run), left);
}

static void set_scores(json_t *object, const char *subset, const struct number_scores *scores) {
    char key[32];
    snprintf(key, sizeof key, "%s_rmse", subset);
    json_object_set_new(object, key, json_number(scores->rmse));
    snprintf(key, sizeof key, "%s_mae", subset);
    json_object_set_new(object, key, json_number(scores->mae));
    snprintf(key, sizeof key, "%s_r2", subset);
    json_object_set_new(object, key, json_number(scores->r2));
}

/* "test_accuracy" and "test_loss", for one; of numbers "test_rmse" and so on. */
static void set_outcome(const struct train_run *run, json_t *object, const char *subset,
                        const struct outcome *outcome) {
    char key[32];
    if (train_predicts_numbers(run))
        set_scores(object, subset, &outcome->numbers);
    snprintf(key, sizeof key, "%s_accuracy", subset);
    if (!train_predicts_numbers(run))
        json_object_set_new(object, key, json_number(outcome->accuracy));
    snprintf(key, sizeof key, "%s_loss", subset);
    json_object_set_new(object, key, json_number(outcome->loss));
}

/* Behind the epoch's own numbers those of the samples that are not trained on. */
static bool print_epoch(const struct train_run *run, json_t *object) {
    if (run->validation != NULL)
        set_outcome(run, object, "validation", &run->on_validation);
    if (run->settings.test_each_epoch)
        set_outcome(run, object, "test", &run->on_test);
    json_object_set_new(object, "collapsed", json_boolean(run->collapse.now));
    return print_json(object);
}

bool train_print_epoch(const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    json_t *object = json_pack(
        "{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "event", "epoch", "epoch", (json_int_t)now->epoch,
        "train_loss", json_number(now->train_loss), "train_accuracy", json_number(now->train_accuracy),
        "seconds", json_number(now->epoch_seconds), "samples_per_second",
        json_number(train_samples_per_second(run)), "learning_rate", json_float((float)now->learning_rate));
    return print_epoch(run, object);
}

bool train_print_start(const struct train_run *run, const struct outcome *on_train) {
    json_t *object =
        json_pack("{s:s, s:i, s:o, s:o, s:f, s:n, s:n}", "event", "epoch", "epoch", 0, "train_loss",
                  json_number(on_train->loss), "train_accuracy", json_number(on_train->accuracy), "seconds",
                  0.0, "samples_per_second", "learning_rate");
    return print_epoch(run, object);
}

/* ---- The end ---- */

size_t train_epochs_completed(const struct train_run *run) {
    const struct minnow_progress *now = &run->progress;
    return now->epoch_done || now->epoch == 0 ? now->epoch : now->epoch - 1;
}

/* Which samples the final figure is of. */
static const char *final_name(const struct train_run *run) {
    return run->data.test != NULL ? "test" : run->validation != NULL ? "validation" : "training";
}

static void print_object(const struct train_run *run, const char *event) {
    const struct minnow_progress *now = &run->progress;
    size_t epochs = train_epochs_completed(run);
    double seconds = run->train_seconds + (now->epoch_done ? 0 : now->epoch_seconds);
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", (unsigned)minnow_network_params_crc32(run->network));
    json_t *object =
        json_pack("{s:s, s:I, s:o, s:o}", "event", event, "epochs", (json_int_t)epochs, "train_seconds",
                  json_number(seconds), "load_seconds", json_number(run->load_seconds));
    if (run->validation != NULL)
        set_outcome(run, object, "validation", &run->on_validation);
    if (run->best_epoch != 0) {
        json_object_set_new(object, "best_validation_accuracy", json_number(run->best_accuracy));
        json_object_set_new(object, "best_validation_loss", json_number(run->best_loss));
        json_object_set_new(object, "best_validation_epoch", json_integer((json_int_t)run->best_epoch));
    }
    if (train_is_over(run) && run->data.test != NULL)
        set_outcome(run, object, "test", &run->on_test);
    else if (train_is_over(run) && run->validation == NULL)
        set_outcome(run, object, "final_train", &run->on_train);
    if (run->data.test == NULL)
        json_object_set_new(object, "final_figure", json_string(final_name(run)));
    if (run->validation != NULL) {
        json_object_set_new(object, "kept", json_string(train_keeps_best(run) ? "best" : "last"));
        json_object_set_new(object, "stopped_early", json_boolean(run->stopped));
    }
    if (run->settings.save != NULL)
        json_object_set_new(object, "saved", json_boolean(run->saved));
    json_object_set_new(object, "collapsed", json_boolean(run->collapse.now));
    const char *changes = minnow_network_metadata(run->network, TRAIN_RATE_CHANGES_KEY);
    if (changes != NULL)
        json_object_set_new(object, TRAIN_RATE_CHANGES_KEY, json_loads(changes, 0, NULL));
    if (run->checkpoint_up_to_date)
        json_object_set_new(object, "checkpoint", json_string(run->settings.checkpoint));
    json_object_set_new(object, "isa", json_string(minnow_network_isa(run->network)));
    json_object_set_new(object, "threads", json_integer(minnow_trainer_threads(run->trainer)));
    json_object_set_new(object, "ranks", json_integer(world_comm() != NULL ? world_count() : 1));
    json_object_set_new(object, "sub_batches", json_integer((json_int_t)run->settings.sub_batches));
    json_object_set_new(object, "params_crc32", json_string(crc));
    json_object_set_new(object, "data", json_string(data_source_name(&run->data.source)));
    print_json(object);
}

/* "best of 30 epochs: 17, validation 98.31 %; its weights are saved", or with those of the last epoch, "validation
   accuracy 98.02 %, the best 98.31 % after epoch 17". */
static void print_validation(const struct train_run *run) {
    const struct outcome *outcome = &run->on_validation;
    size_t epochs = run->progress.epoch;
    char figure[96], best[32];
    if (train_predicts_numbers(run)) {
        snprintf(figure, sizeof figure, "RMSE %.6g, R² %.4f", outcome->numbers.rmse, outcome->numbers.r2);
        snprintf(best, sizeof best, "%.4f", run->best_accuracy);
    } else {
        snprintf(figure, sizeof figure, "%.2f %%", 100 * outcome->accuracy);
        snprintf(best, sizeof best, "%.2f %%", 100 * run->best_accuracy);
    }
    if (train_keeps_best(run))
        print("best of %zu epoch%s: %zu, validation %s; its weights are %s\n", epochs, epochs == 1 ? "" : "s",
              run->best_epoch, figure,
              run->saved               ? "saved"
              : run->data.test != NULL ? "those that were tested"
                                       : "those that were kept");
    else
        print("validation %s%s, the best %s after epoch %zu\n",
              train_predicts_numbers(run) ? "" : "accuracy ", figure, best, run->best_epoch);
    if (run->stopped)
        print("stopped after %zu of %zu epochs, as the last %zu were no better\n", epochs, run->config.epochs,
              epochs - run->best_epoch);
}

static void print_numbers(const struct train_run *run) {
    const struct colours *colour = output_colours();
    const struct number_scores *scores = &train_final_outcome(run)->numbers;
    print("%s RMSE %s%.6g%s, MAE %.6g, R² %.4f after %zu epoch%s, %.2f s of training, parameters' CRC-32 "
          "%08x\n",
          final_name(run), colour->bold, scores->rmse, colour->plain, scores->mae, scores->r2,
          run->progress.epoch, run->progress.epoch == 1 ? "" : "s", run->train_seconds,
          (unsigned)minnow_network_params_crc32(run->network));
    if (run->validation != NULL)
        print_validation(run);
    if (!(scores->r2 > 0))
        print("no better than always predicting the mean\n");
}

static void print_text(const struct train_run *run) {
    const struct colours *colour = output_colours();
    if (run->data.test == NULL)
        note("there is no test set: the figure is that of the %s samples", final_name(run));
    if (train_predicts_numbers(run)) {
        print_numbers(run);
        return;
    }
    print("%s accuracy %s%.2f %%%s after %zu epoch%s, %.2f s of training, parameters' CRC-32 %08x\n",
          final_name(run), colour->bold, 100 * train_final_outcome(run)->accuracy, colour->plain,
          run->progress.epoch, run->progress.epoch == 1 ? "" : "s", run->train_seconds,
          (unsigned)minnow_network_params_crc32(run->network));
    if (run->validation != NULL)
        print_validation(run);

    /* Whoever was told by the line before, or sees none, is told here. */
    char text[TRAIN_COLLAPSE_TEXT];
    train_collapse_text(run, text);
    if (run->collapse.now && (run->common.quiet || run->collapse.said != run->progress.epoch))
        print("%s\n", text);
    else if (!run->collapse.now && train_is_majority(run))
        print("no more right than always naming the most frequent class of the %s%s, %.2f %%\n",
              final_name(run), run->data.test != NULL ? "" : " samples",
              100 * run->collapse.on_final.accuracy);
}

static void show_interrupted(const struct train_run *run) {
    char resume[2 * PATH_MAX], save[2 * PATH_MAX] = "";
    size_t epoch = run->progress.epoch;
    if (!run->checkpoint_up_to_date) {
        note("interrupted in epoch %zu%s", epoch,
             run->settings.save == NULL ? "; nothing saved, as there was no --save or --checkpoint" : "");
        return;
    }
    quote(run->settings.checkpoint, resume, sizeof resume);
    if (run->settings.save != NULL)
        quote(run->settings.save, save, sizeof save);
    note("interrupted in epoch %zu; to go on: minnow train --resume %s%s%s", epoch, resume,
         save[0] != '\0' ? " --save " : "", save);
}

void train_print_end(const struct train_run *run) {
    if (run->common.json)
        print_object(run, train_is_over(run) ? "done" : "interrupted");
    else if (train_is_over(run)) {
        print_text(run);
        train_summary(run);
    }
    if (!train_is_over(run))
        show_interrupted(run);
}

void train_print_diverged(const struct train_run *run, size_t saved_epoch) {
    const struct minnow_progress *now = &run->progress;
    json_t *object =
        json_pack("{s:s, s:I, s:I, s:I, s:o, s:b}", "event", "diverged", "epoch", (json_int_t)now->epoch,
                  "minibatch", (json_int_t)now->diverged_minibatch, "layer", (json_int_t)now->diverged_layer,
                  "learning_rate", json_float((float)now->learning_rate), "saved", saved_epoch != 0);
    if (saved_epoch != 0)
        json_object_set_new(object, "saved_epoch", json_integer((json_int_t)saved_epoch));
    print_json(object);
}
