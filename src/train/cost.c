#include "train/cost.h"

/* Fitted to measurements, see README.md. Work is counted in multiply-adds. */
static const double LAYER = 900.0;    /* a sample's way through a layer, beside its products */
static const double ROW = 6.0;        /* bringing a weight through the cache, for each update */
static const double DISTORTED = 50.0; /* a value of a sample that is distorted */
static const double SUMMED = 60.0;    /* a sample's loss, as each addition waits for the one before */
static const double PER_LANE = 3.3;   /* multiply-adds in a nanosecond, for each float of a vector */
static const double BARRIER = 100.0;  /* nanoseconds for each thread */
static const double EXCHANGED = 12.0; /* bytes in a nanosecond, of what another thread has written */

/* More threads are taken only if they need less than this share of one thread's time: on another machine a
   smaller gain may be none. */
static const double WORTH_IT = 0.85;

double cost_account(size_t batch) {
    return SUMMED * (double)batch;
}

/* Multiply-adds of a step on one thread. */
static double step_work(const struct stage_choice *choices, size_t count) {
    const struct stage_request *first = &choices[0].request;
    double values = (double)first->batch * (double)first->network->layers[0].inputs;
    double work = first->distorted ? DISTORTED * values : 0.0;
    for (size_t l = 0; l < count; l++) {
        const struct stage_request *request = &choices[l].request;
        double inputs = (double)request->network->layers[l].inputs, batch = (double)request->batch;
        double products = l > 0 ? 3.0 : 2.0; /* nobody needs the gradient of the inputs */
        double product = choices[l].kind->product_work(request, request->density);
        work += batch * (products * inputs * product + LAYER) + ROW * inputs * stage_width(request);
    }
    return work;
}

/* Floats of all weights and their transposed copies: what threads read that others have written. */
static double step_weights(const struct stage_choice *choices, size_t count) {
    double weights = 0.0;
    for (size_t l = 0; l < count; l++) {
        const struct layer *layer = &choices[l].request.network->layers[l];
        double inputs = (double)layer->inputs;
        weights += inputs * stage_width(&choices[l].request);
        if (l > 0)
            weights += (double)layer->outputs * (double)size_round_up(layer->inputs, CACHE_LINE_FLOATS);
    }
    return weights;
}

unsigned cost_best_threads(const struct stage_choice *choices, size_t count, unsigned most) {
    const struct stage_request *first = &choices[0].request;
    double batch = (double)first->batch;
    double alone = step_work(choices, count) / (PER_LANE * first->network->kernels->vector_floats);
    double weights = step_weights(choices, count), seek = choices[0].kind->seek_nanoseconds * batch;
    double least = WORTH_IT * alone;
    unsigned best = 1;

    for (unsigned threads = 2; threads <= most; threads++) {
        double samples = (double)((first->batch + threads - 1) / threads); /* of the busiest thread */
        double exchange = sizeof(float) * weights * (threads - 1.0) / threads / EXCHANGED;
        double time =
            0.5 * alone * (samples / batch + 1.0 / threads) + 2.0 * BARRIER * threads + seek + exchange;
        if (time < least) {
            least = time;
            best = threads;
        }
    }
    return best;
}
