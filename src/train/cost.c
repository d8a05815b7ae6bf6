#include "train/cost.h"

#include "base/memory.h"

/* Fitted to measurements, see README.md. Work is counted in multiply-adds: a product costs one for each
   output, and some for the input. */
static const double INPUT = 8.0; /* of a product of floats */

/* Of inputs whose zeros are skipped, by form. */
static const struct skipping {
    struct per {
        double output;  /* each weight of a nonzero's row */
        double nonzero; /* for being found or listed */
        double input;   /* zero or not, for being looked at */
    } product,          /* whose rows of weights are fetched for one nonzero alone */
        update;         /* whose deltas are near */
    double least;       /* outputs: with fewer, each sum waits for the last */
    double list;        /* a feature's list, even if it is empty; none for a batch of one */
    double start;       /* a feature's update, which waits for its own last sum */
} SKIPPING[] = {[INPUT_BYTES] = {{1.45, 25.0, 8.0}, {1.5, 8.0, 3.0}, 32.0, 190.0, 400.0},
                [INPUT_LISTS] = {{2.0, 80.0, 0.0}, {1.1, 80.0, 0.0}, 0.0, 110.0, 800.0}};

static const double ROW = 6.0;        /* a weight's way through the cache, for each update */
static const double COPIED = 12.0;    /* and for its transposed copy */
static const double LAYER = 900.0;    /* a sample's way through a layer, beside its products */
static const double SUMMED = 60.0;    /* a sample's loss, each addition waiting for the last */
static const double PER_LANE = 3.3;   /* multiply-adds in a nanosecond, for each float of a vector */
static const double BARRIER = 100.0;  /* nanoseconds for each thread */
static const double SEEK = 40.0;      /* nanoseconds that each thread takes to find its place in a sample */
static const double EXCHANGED = 12.0; /* bytes in a nanosecond, of what another thread has written */
static const double WORTH_IT = 0.85; /* of one thread's time: a smaller gain may be none on another machine */

/* The products of one input with a row of weights, for each sample; a share `filled` of the inputs is not 0.
 */
static double product(double outputs, double batch, enum input_form form, double filled) {
    const struct skipping *skipping = &SKIPPING[form];
    const struct per *per = &skipping->product;
    if (form == INPUT_FLOATS)
        return outputs + INPUT;
    double wide = outputs > skipping->least ? outputs : skipping->least;
    return filled * (per->output * wide + per->nonzero) + per->input +
           (batch > 1.0 ? skipping->list / batch : 0.0);
}

bool cost_sparse_pays(const minnow_network *network, size_t batch, enum input_form form, double density) {
    double outputs = (double)size_round_up(network->layers[0].outputs, CACHE_LINE_FLOATS),
           samples = (double)batch;
    if (batch == 1)
        return density < 0.5;
    return product(outputs, samples, form, density) < product(outputs, samples, INPUT_FLOATS, density);
}

double cost_row_update(const struct layer *layer, bool copied, size_t batch, enum input_form form,
                       double filled) {
    const struct per *per = &SKIPPING[form].update;
    double outputs = (double)size_round_up(layer->outputs, CACHE_LINE_FLOATS), samples = (double)batch;
    double row = (copied ? ROW + COPIED : ROW) * outputs;
    if (form == INPUT_FLOATS)
        return samples * (outputs + INPUT) + row;
    return samples * (filled * (per->output * outputs + per->nonzero) + per->input) + SKIPPING[form].start +
           row;
}

double cost_account(size_t batch) {
    return SUMMED * (double)batch;
}

/* Of a step; *weights: floats of all layers, transposed copies included. */
static double step_work(const minnow_network *network, double batch, enum input_form form, double density,
                        double *weights) {
    double work = 0.0;
    *weights = 0.0;
    for (size_t l = 0; l < network->layer_count; l++) {
        const struct layer *layer = &network->layers[l];
        double inputs = (double)layer->inputs,
               outputs = (double)size_round_up(layer->outputs, CACHE_LINE_FLOATS), size = inputs * outputs;
        double times = l > 0 ? 3.0 : 2.0; /* nobody needs the gradient of the inputs */
        work += batch * (times * inputs * product(outputs, batch, l == 0 ? form : INPUT_FLOATS, density) +
                         LAYER) +
                ROW * size;
        *weights += size + (l > 0 ? (double)(layer->outputs * parameters_padded_stride(layer->inputs)) : 0.0);
    }
    return work;
}

unsigned cost_best_threads(const minnow_network *network, size_t batch, enum input_form form, double density,
                           unsigned most) {
    double weights, work = step_work(network, (double)batch, form, density, &weights);
    double alone = work / (PER_LANE * network->kernels->vector_floats), least = WORTH_IT * alone;
    unsigned best = 1;
    for (unsigned threads = 2; threads <= most; threads++) {
        double count = threads, samples = (double)((batch + threads - 1) / threads);
        double seek = form == INPUT_LISTS ? SEEK * (double)batch : 0.0;
        double exchange = sizeof(float) * weights * (count - 1.0) / count / EXCHANGED;
        double time =
            0.5 * alone * (samples / (double)batch + 1.0 / count) + 2.0 * BARRIER * count + seek + exchange;
        if (time < least) {
            least = time;
            best = threads;
        }
    }
    return best;
}
