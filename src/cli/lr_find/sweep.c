/* A sweep of the learning rate (Smith 2015, "Cyclical Learning Rates for Training Neural Networks", section 3.3). */
#include <math.h>

#include "base/exact_math.h"
#include "base/memory.h"
#include "base/status.h"
#include "cli/lr_find/lr_find.h"

/* The smoothed loss is an exponential average over about a fiftieth of the sweep: enough to see the trend of small
   mini-batches, and at most a sixth of a decade late on a sweep of eight. */
static const double WINDOW_SHARE = 1.0 / 50.0;

/* What counts as a fall of the loss, and as its end: a multiple of the lowest value, or most of the way back to the
   beginning. A network that has been driven to one output for everything stays there, at no more than the loss it
   began with. */
static const double FALL = 0.95, FAR_UP = 4.0, WAY_BACK = 0.9;

minnow_status sweep_create(double from, double to, size_t steps, struct sweep *out) {
    *out = (struct sweep){.from = from, .to = to, .planned = steps};
    out->rate = memory_allocate(steps, sizeof *out->rate);
    out->loss = memory_allocate(steps, sizeof *out->loss);
    out->smooth = memory_allocate(steps, sizeof *out->smooth);
    if (out->rate != NULL && out->loss != NULL && out->smooth != NULL)
        return MINNOW_OK;
    sweep_free(out);
    return fail_memory("the learning rates");
}

void sweep_free(struct sweep *sweep) {
    memory_free(sweep->rate);
    memory_free(sweep->loss);
    memory_free(sweep->smooth);
    *sweep = (struct sweep){0};
}

/* Logarithms of C libraries differ in their last bit: rounded, this one is the same on every machine, as the
   exponential is. */
double sweep_next_rate(const struct sweep *sweep) {
    double part = (double)sweep->count / (double)(sweep->planned - 1);
    double span = nearbyint(log(sweep->to / sweep->from) * 1e9) / 1e9;
    return sweep->from * exact_exp(part * span);
}

/* The average of the losses so far, in which each counts by how recent it is. */
static double smoothed(struct sweep *sweep, double loss) {
    double window = fmax(1.0, WINDOW_SHARE * (double)sweep->planned), keep = 1.0 - 1.0 / window;
    sweep->sum = keep * sweep->sum + loss;
    sweep->weights = keep * sweep->weights + 1.0;
    return sweep->sum / sweep->weights;
}

/* The smoothed loss at the beginning, where the rate is too small to change anything: behind the first window, for
   the first values are averages of few. */
static double beginning(const struct sweep *sweep) {
    size_t at = (size_t)(WINDOW_SHARE * (double)sweep->planned);
    return sweep->smooth[at < sweep->count ? at : sweep->count - 1];
}

static bool is_over(const struct sweep *sweep) {
    double start = beginning(sweep), best = sweep->smooth[sweep->least];
    double now = sweep->smooth[sweep->count - 1];
    double back = best + WAY_BACK * (start - best);
    return now > FAR_UP * start || (best < FALL * start && (now > FAR_UP * best || now > back));
}

bool sweep_add(struct sweep *sweep, double loss) {
    if (!isfinite(loss)) {
        sweep->diverged = true;
        return false;
    }
    size_t i = sweep->count;
    sweep->rate[i] = sweep_next_rate(sweep);
    sweep->loss[i] = loss;
    sweep->smooth[i] = smoothed(sweep, loss);
    if (sweep->smooth[i] < sweep->smooth[sweep->least])
        sweep->least = i;
    sweep->count++;
    sweep->diverged = is_over(sweep);
    return !sweep->diverged && sweep->count < sweep->planned;
}

/* The slope over a window, since that of neighbours is noise. */
static double slope(const struct sweep *sweep, size_t at, size_t reach) {
    size_t before = at < reach ? 0 : at - reach, behind = at + reach;
    behind = behind < sweep->count ? behind : sweep->count - 1;
    return (sweep->smooth[behind] - sweep->smooth[before]) / (double)(behind - before);
}

void sweep_conclude(struct sweep *sweep) {
    if (sweep->count < 2)
        return;
    size_t reach = (size_t)ceil(WINDOW_SHARE * (double)sweep->planned);
    double steepest = 0.0;
    for (size_t i = 0; i <= sweep->least; i++) {
        double here = slope(sweep, i, reach);
        if (here < steepest) {
            steepest = here;
            sweep->steepest = i;
        }
    }
    /* Rates of the first windows change next to nothing: a lower loss there is one of easier samples. */
    bool by_chance = sweep->least <= 2 * reach;
    sweep->found = sweep->smooth[sweep->least] < FALL * beginning(sweep) && steepest < 0.0 && !by_chance;
    sweep->suggested = sweep->rate[sweep->least] / 10.0;
}
