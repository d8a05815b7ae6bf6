/* minnow train --explain-plan: how training would be carried out. */
#include <stdlib.h>
#include <string.h>

#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/train/explain.h"
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

int explain_plan(const minnow_network *network, const struct plan *plan, bool json) {
    char name[TRAIN_NETWORK_TEXT];
    train_network_text(network, name);
    const char *isa = minnow_network_isa(network);
    char *text = plan_describe(plan);
    if (text == NULL)
        return problem(STATUS_FAILURE, "not enough memory to describe the plan");

    if (json) {
        print_json(json_pack("{s:s, s:s, s:s, s:i, s:o}", "event", "plan", "network", name, "isa", isa,
                             "threads", (int)plan->threads, "plan", json_lines(text)));
    } else {
        print("network           %s\n", name);
        print("instruction set   %s\n", isa);
        print("threads           %u\n\n", plan->threads);
        print("%s", text);
    }
    free(text);
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}

int train_explain(const struct train_run *run) {
    return explain_plan(run->network, run->trainer->plan, run->common.json);
}
