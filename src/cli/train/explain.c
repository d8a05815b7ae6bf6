/* minnow train --explain-plan: how training would be carried out. */
#include <stdlib.h>
#include <string.h>

#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/train/train.h"
#include "train/trainer.h"

static json_t *json_lines(const char *text) {
    json_t *lines = json_array();
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        json_array_append_new(lines, json_stringn(text, length));
        text += length + (text[length] == '\n');
    }
    return lines;
}

int train_explain(const struct train_run *run) {
    char network[TRAIN_NETWORK_TEXT];
    train_network_text(run, network);
    const char *isa = minnow_network_isa(run->network);
    unsigned threads = minnow_trainer_threads(run->trainer);
    char *plan = plan_describe(run->trainer->plan);
    if (plan == NULL)
        return problem(STATUS_FAILURE, "not enough memory to describe the plan");

    if (run->common.json) {
        print_json(json_pack("{s:s, s:s, s:s, s:i, s:o}", "event", "plan", "network", network, "isa", isa,
                             "threads", (int)threads, "plan", json_lines(plan)));
    } else {
        print("network           %s\n", network);
        print("instruction set   %s\n", isa);
        print("threads           %u\n\n", threads);
        print("%s", plan);
    }
    free(plan);
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}
