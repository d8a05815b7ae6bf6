#include "train/schedules.h"

#include <string.h>

#include "base/exact_math.h"

static double constant_share(double part) {
    (void)part;
    return 1.0;
}

static double linear_share(double part) {
    return 1.0 - part;
}

static double cosine_share(double part) {
    return 0.5 * (1.0 + exact_cos_turn(0.5 * part));
}

static double step_share(double part) {
    return part < 0.5 ? 1.0 : part < 0.75 ? 0.1 : 0.01;
}

static double exponential_share(double part) {
    const double LN_100 = 4.6051701859880914;
    return exact_exp(-LN_100 * part);
}

/* Half a cosine between two shares. */
static double between(double from, double to, double part) {
    return to + (from - to) * cosine_share(part);
}

/* Where and how PyTorch's OneCycleLR begins, turns and ends, unless told otherwise. */
static double one_cycle_share(double part) {
    const double TURN = 0.3, START = 1.0 / 25.0, END = START / 1e4;
    return part < TURN ? between(START, 1.0, part / TURN) : between(1.0, END, (part - TURN) / (1.0 - TURN));
}

const struct schedule_row schedule_rows[] = {
    [MINNOW_SCHEDULE_CONSTANT] = {"constant", "stays as it is", constant_share},
    [MINNOW_SCHEDULE_LINEAR] = {"linear", "falls to 0 at the end", linear_share},
    [MINNOW_SCHEDULE_COSINE] = {"cosine", "falls to 0 along half a cosine", cosine_share},
    [MINNOW_SCHEDULE_STEP] = {"step", "falls to a tenth at half of the steps, and again at three quarters",
                              step_share},
    [MINNOW_SCHEDULE_EXPONENTIAL] = {"exponential", "falls by the same factor with each step, to a hundredth",
                                     exponential_share},
    [MINNOW_SCHEDULE_ONE_CYCLE] = {"one_cycle",
                                   "rises from 1/25 for 30 % of the steps, then falls nearly to 0",
                                   one_cycle_share},
    [MINNOW_SCHEDULE_PLATEAU] = {"plateau", "is reduced when the loss has stopped falling", constant_share},
};
const size_t schedule_row_count = sizeof schedule_rows / sizeof *schedule_rows;

bool schedule_find(const char *name, minnow_schedule *out) {
    for (size_t i = 0; i < schedule_row_count; i++)
        if (strcmp(schedule_rows[i].name, name) == 0) {
            *out = (minnow_schedule)i;
            return true;
        }
    return false;
}

double schedule_rate(minnow_schedule schedule, double rate, double warmup, uint64_t step, uint64_t steps) {
    double now = (double)step, total = (double)steps;
    if (now + 1.0 <= warmup)
        return rate * ((now + 1.0) / warmup);

    double part = total > warmup ? (now - warmup) / (total - warmup) : 0.0;
    return rate * schedule_rows[schedule].share(part < 0.0 ? 0.0 : part);
}
