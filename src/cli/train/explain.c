/* minnow train --explain-plan: how training would be carried out. */
#include "cli/frame/json.h"
#include "cli/frame/report.h"
#include "cli/frame/terminal.h"
#include "cli/train/train.h"

int train_explain(const struct train_run *run) {
    char network[TRAIN_NETWORK_TEXT];
    train_network_text(run, network);
    const char *isa = minnow_network_isa(run->network);
    unsigned threads = minnow_trainer_threads(run->trainer);

    if (run->common.json) {
        print_json(json_pack("{s:s, s:s, s:s, s:i}", "event", "plan", "network", network, "isa", isa,
                             "threads", (int)threads));
    } else {
        print("network           %s\n", network);
        print("instruction set   %s\n", isa);
        print("threads           %u\n", threads);
    }
    return print_flush() ? STATUS_SUCCESS : STATUS_FAILURE;
}
