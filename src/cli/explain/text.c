/* The walk as text. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/frame/draw.h"
#include "cli/explain/explain.h"
#include "cli/explain/words.h"
#include "cli/frame/terminal.h"
#include "cli/inputs/class_names.h"

#define SIGN(sign) word_sign(words, SIGN_##sign)
#define LAYER(symbol, l) word_layer(words, symbol, l)
#define NUMBER(value) word_number(words, (double)(value))
#define DELTA(l) LAYER(SIGN(DELTA), l)

static void heading(const char *text) {
    const struct colours *colour = output_colours();
    print("\n%s%s%s\n", colour->bold, text, colour->plain);
}

/* The activation's name; of the last layer, what the loss makes of it. */
static const char *activation_name(const struct walk *walk, size_t l) {
    if (l + 1 == walk->layer_count)
        return loss_formulas[minnow_network_loss(walk->network)].outputs;
    return activation_row(minnow_network_activation(walk->network, l))->name;
}

/* ---- Vectors ---- */

/* In columns, some lines of them. */
static void print_vector(const struct words *words, const float *values, size_t count) {
    enum { INDENT = 4, COLUMN = 11, LINES = 4 };
    size_t columns = (words->width - INDENT) / COLUMN, shown = size_min(count, LINES * columns);
    for (size_t i = 0; i < shown; i++) {
        const char *number = NUMBER(values[i]);
        size_t wide = strlen(number);
        for (const char *c = number; *c != '\0'; c++)
            wide -= ((unsigned char)*c & 0xc0) == 0x80;
        print("%s%*s%s%s", i % columns == 0 ? "    " : "", (int)(COLUMN - 1 - size_min(wide, COLUMN - 1)), "",
              number, (i + 1) % columns == 0 || i + 1 == shown ? "\n" : " ");
    }
    if (shown < count)
        word_line(words, INDENT, "%s and %zu more, which --json prints", SIGN(DOTS), count - shown);
}

static size_t count_nonzero(const float *values, size_t count) {
    size_t nonzero = 0;
    for (size_t i = 0; i < count; i++)
        nonzero += values[i] != 0.0F;
    return nonzero;
}

/* ---- The sample ---- */

static void draw(const struct walk *walk, const struct words *words, const float *values, float most) {
    size_t pixels = walk->height * walk->width;
    uint8_t *bytes = walk->width <= size_min(words->width, 80) ? memory_allocate(pixels, 1) : NULL;
    for (size_t i = 0; bytes != NULL && i < pixels; i++) {
        float level = 0.0F;
        for (size_t c = 0; c < walk->channels; c++)
            level += values[i * walk->channels + c] / (float)walk->channels;
        bytes[i] = (uint8_t)lrintf(255.0F * fminf(fmaxf(most > 0.0F ? level / most : 0.0F, 0.0F), 1.0F));
    }
    if (bytes != NULL)
        drawing_print_first(&(struct drawing){walk->height, walk->width, 1}, bytes, 1);
    memory_free(bytes);
}

static float largest_of(const float *values, size_t count) {
    float most = 0.0F;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, values[i]);
    return most;
}

static void tell_sample(const struct walk *walk, const struct words *words) {
    const struct explain_sample *sample = &walk->sample;
    char number[CLASS_NUMBER_TEXT], guess[CLASS_NUMBER_TEXT];
    word_line(words, 0, "%s: sample %zu of %s", walk->model, sample->index, sample->name);
    if (sample->targets == NULL && sample->assumed)
        word_line(words, 0,
                  "taken for %s, which is what the walk assumes to be right (--label says otherwise)",
                  class_name(walk->names, sample->label, number));
    else if (sample->targets == NULL)
        word_line(words, 0, "which is %s, and taken for %s", class_name(walk->names, sample->label, number),
                  class_name(walk->names, walk->guess, guess));
    if (walk->height > 0)
        draw(walk, words, sample->values, largest_of(sample->values, walk->layers[0].inputs));
}

/* ---- Forward ---- */

static void tell_outputs(const struct walk *walk, const struct words *words) {
    enum { SHOWN = 20, BAR = 20 };
    const struct walk_layer *last = walk_last(walk);
    bool numbers = loss_row(minnow_network_loss(walk->network))->loss == NULL;
    for (size_t j = 0; j < last->outputs && j < SHOWN; j++) {
        char number[CLASS_NUMBER_TEXT], bar[BAR + 1] = "";
        float a = last->activations[j];
        for (int i = 0; !numbers && i < BAR && (float)i + 0.5F < a * BAR; i++)
            strcat(bar, "#");
        word_line(words, 4, "%s  %s  %s%s", class_name(walk->names, j, number), NUMBER(a), bar,
                  !numbers && j == walk->answer ? "  (right)" : "");
    }
    if (last->outputs > SHOWN)
        word_line(words, 4, "%s and %zu more, which --json prints", SIGN(DOTS), last->outputs - SHOWN);
}

/* The network of a table learns its label scaled. */
static void tell_number(const struct walk *walk, const struct words *words) {
    const struct encoder *encoder = walk->encoder;
    float right = walk->sample.targets[0];
    word_line(words, 4, "which stands for %s, where %s is right",
              NUMBER(walk_last(walk)->activations[0] * encoder->target_spread + encoder->target_centre),
              NUMBER(right * encoder->target_spread + encoder->target_centre));
}

static void tell_layer_forward(const struct walk *walk, const struct words *words, size_t l) {
    const struct walk_layer *layer = &walk->layers[l];
    const char *name = activation_name(walk, l);
    word_line(words, 2, "%s = %s %s + %s   %s [%zu %s %zu], %s and %s [%zu]", LAYER("z", l + 1),
              LAYER("W", l + 1), LAYER("a", l), LAYER("b", l + 1), LAYER("W", l + 1), layer->outputs,
              SIGN(TIMES), layer->inputs, LAYER("b", l + 1), LAYER("z", l + 1), layer->outputs);
    print_vector(words, layer->sums, layer->outputs);

    if (l + 1 == walk->layer_count) {
        word_line(words, 2, "%s = %s(%s)   [%zu]", LAYER("a", l + 1), name, LAYER("z", l + 1),
                  layer->outputs);
        tell_outputs(walk, words);
        if (walk->encoder != NULL && walk->encoder->task == TASK_REGRESSION)
            tell_number(walk, words);
        return;
    }
    word_line(words, 2, "%s = %s(%s)   [%zu], %zu of them not 0", LAYER("a", l + 1), name, LAYER("z", l + 1),
              layer->outputs, count_nonzero(layer->activations, layer->outputs));
    print_vector(words, layer->activations, layer->outputs);
}

static void tell_forward(const struct walk *walk, const struct words *words) {
    const struct loss_formula *loss = &loss_formulas[minnow_network_loss(walk->network)];
    size_t inputs = walk->layers[0].inputs;
    heading("Forward");
    word_line(words, 2, "%s   the sample, [%zu], %zu of them not 0", LAYER("a", 0), inputs,
              count_nonzero(walk->sample.values, inputs));
    for (size_t l = 0; l < walk->layer_count; l++)
        tell_layer_forward(walk, words, l);
    word_line(words, 2, "C = %s = %s   where a is %s, and y %s", words->utf8 ? loss->loss : loss->simple_loss,
              NUMBER(walk->loss), LAYER("a", walk->layer_count),
              walk->sample.targets != NULL ? "what is to be predicted"
                                           : "1 for the right class and 0 for the others");
    if (walk->sample.targets != NULL)
        print_vector(words, walk->sample.targets, walk_last(walk)->outputs);
}

/* ---- Backward ---- */

static void tell_layer_backward(const struct walk *walk, const struct words *words, size_t l) {
    const struct walk_layer *layer = &walk->layers[l];
    const struct loss_formula *loss = &loss_formulas[minnow_network_loss(walk->network)];
    if (l + 1 == walk->layer_count) {
        word_line(words, 2, "%s = %sC/%s%s = %s   [%zu]", DELTA(l + 1), SIGN(PARTIAL), SIGN(PARTIAL),
                  LAYER("z", l + 1), words->utf8 ? loss->delta : loss->simple_delta, layer->outputs);
    } else {
        const struct activation_formula *f =
            &activation_formulas[minnow_network_activation(walk->network, l)];
        word_line(words, 2, "%s = (%s)%s %s %s %s%s(%s)   [%zu], %s%s = %s", DELTA(l + 1), LAYER("W", l + 2),
                  SIGN(TRANSPOSED), DELTA(l + 2), SIGN(HADAMARD), activation_name(walk, l), SIGN(PRIME),
                  LAYER("z", l + 1), layer->outputs, activation_name(walk, l), SIGN(PRIME),
                  words->utf8 ? f->slope : f->simple);
    }
    print_vector(words, layer->deltas, layer->outputs);
    word_line(words, 2, "%sC/%s%s = %s   [%zu],   %sC/%s%s = %s (%s)%s   [%zu %s %zu]", SIGN(PARTIAL),
              SIGN(PARTIAL), LAYER("b", l + 1), DELTA(l + 1), layer->outputs, SIGN(PARTIAL), SIGN(PARTIAL),
              LAYER("W", l + 1), DELTA(l + 1), LAYER("a", l), SIGN(TRANSPOSED), layer->outputs, SIGN(TIMES),
              layer->inputs);
}

/* ---- One weight ---- */

static void tell_weight_forward(const struct walk *walk, const struct words *words) {
    const struct followed *w = &walk->followed;
    const struct walk_layer *layer = &walk->layers[w->layer];
    size_t l = w->layer + 1;
    char name[INPUT_NAME] = "";
    if (w->layer == 0)
        explain_input_name(walk, w->input, name);
    word_line(words, 2, "%s[%zu,%zu] = %s, to unit %zu of layer %zu from %s[%zu]%s%s%s", LAYER("w", l),
              w->unit, w->input, NUMBER(w->weight), w->unit, l, LAYER("a", l - 1), w->input,
              name[0] != '\0' ? " (" : "", name, name[0] != '\0' ? ")" : "");
    word_line(words, 2, "%s[%zu] = %s %s[%zu,k] %s[k] + %s[%zu] = %s + %s %s %s + %s + %s = %s",
              LAYER("z", l), w->unit, SIGN(SUM), LAYER("w", l), w->unit, LAYER("a", l - 1), LAYER("b", l),
              w->unit, SIGN(DOTS), NUMBER(w->weight), SIGN(TIMES),
              NUMBER(walk_into(walk, w->layer)[w->input]), SIGN(DOTS), NUMBER(layer->biases[w->unit]),
              NUMBER(layer->sums[w->unit]));
    word_line(words, 2, "%s[%zu] = %s(%s) = %s", LAYER("a", l), w->unit, activation_name(walk, w->layer),
              l == walk->layer_count ? LAYER("z", l) : NUMBER(layer->sums[w->unit]),
              NUMBER(layer->activations[w->unit]));
}

/* The terms of the sum that weigh most, largest first. */
static size_t largest_terms(const struct walk *walk, size_t l, size_t unit, size_t most, size_t *found) {
    const struct walk_layer *next = &walk->layers[l + 1];
    size_t count = 0;
    for (; count < most && count < next->outputs; count++) {
        size_t best = next->outputs;
        for (size_t k = 0; k < next->outputs; k++) {
            bool taken = false;
            for (size_t n = 0; n < count; n++)
                taken = taken || found[n] == k;
            float size = fabsf(walk_weight(next, k, unit) * next->deltas[k]);
            if (!taken &&
                (best == next->outputs || size > fabsf(walk_weight(next, best, unit) * next->deltas[best])))
                best = k;
        }
        found[count] = best;
    }
    return count;
}

static void tell_hidden_delta(const struct walk *walk, const struct words *words) {
    enum { TERMS = 3 };
    const struct followed *w = &walk->followed;
    const struct walk_layer *next = &walk->layers[w->layer + 1];
    size_t l = w->layer + 1, term[TERMS], count = largest_terms(walk, w->layer, w->unit, TERMS, term);
    char terms[512] = "";
    for (size_t n = 0, at = 0; n < count; n++)
        at += (size_t)snprintf(terms + at, sizeof terms - at, "%s%s %s %s", n > 0 ? " + " : "",
                               NUMBER(walk_weight(next, term[n], w->unit)), SIGN(TIMES),
                               NUMBER(next->deltas[term[n]]));
    word_line(words, 2, "%s[%zu] = (%s %s[k,%zu] %s[k]) %s%s(%s[%zu]) = (%s%s%s) %s %s = %s %s %s = %s",
              DELTA(l), w->unit, SIGN(SUM), LAYER("w", l + 1), w->unit, DELTA(l + 1),
              activation_name(walk, w->layer), SIGN(PRIME), LAYER("z", l), w->unit, terms,
              next->outputs > count ? " + " : "", next->outputs > count ? SIGN(DOTS) : "", SIGN(TIMES),
              NUMBER(walk_slope(walk, w->layer, w->unit)), NUMBER(walk_asked(walk, w->layer, w->unit)),
              SIGN(TIMES), NUMBER(walk_slope(walk, w->layer, w->unit)),
              NUMBER(walk->layers[w->layer].deltas[w->unit]));
}

static void tell_last_delta(const struct walk *walk, const struct words *words) {
    const struct followed *w = &walk->followed;
    const struct walk_layer *last = walk_last(walk);
    const struct loss_formula *loss = &loss_formulas[minnow_network_loss(walk->network)];
    float y =
        walk->sample.targets != NULL ? walk->sample.targets[w->unit] : (float)(w->unit == walk->sample.label);
    word_line(words, 2, "%s[%zu] = %s = %s, where a = %s and y = %s", DELTA(w->layer + 1), w->unit,
              words->utf8 ? loss->delta : loss->simple_delta, NUMBER(last->deltas[w->unit]),
              NUMBER(last->activations[w->unit]), NUMBER(y));
}

static void tell_weight(const struct walk *walk, const struct words *words) {
    const struct followed *w = &walk->followed;
    const struct walk_layer *layer = &walk->layers[w->layer];
    heading("One weight, forward and backward");
    tell_weight_forward(walk, words);
    if (w->layer + 1 < walk->layer_count)
        tell_hidden_delta(walk, words);
    else
        tell_last_delta(walk, words);
    word_line(words, 2, "%sC/%sw = %s[%zu] %s[%zu] = %s %s %s = %s", SIGN(PARTIAL), SIGN(PARTIAL),
              LAYER("a", w->layer), w->input, DELTA(w->layer + 1), w->unit,
              NUMBER(walk_into(walk, w->layer)[w->input]), SIGN(TIMES), NUMBER(layer->deltas[w->unit]),
              NUMBER(w->gradient));
    word_line(
        words, 2,
        "check: (C(w + h) %s C(w %s h)) / 2h = %.8g, in double precision with h = %.3g; the gradient is "
        "%.8g: relative error %.1e",
        SIGN(MINUS), SIGN(MINUS), w->difference, w->step, (double)w->gradient, w->error);
}

static void tell_step(const struct walk *walk, const struct words *words) {
    const struct followed *w = &walk->followed;
    heading("One step of gradient descent, on this sample alone");
    word_line(words, 2, "w %s w %s %s %sC/%sw = %s %s %s %s %s = %s", SIGN(TAKES), SIGN(MINUS), SIGN(ETA),
              SIGN(PARTIAL), SIGN(PARTIAL), NUMBER(w->weight), SIGN(MINUS), NUMBER(walk->learning_rate),
              SIGN(TIMES), NUMBER(w->gradient), NUMBER(w->after));
    word_line(words, 2, "with all weights and biases changed so: C %s %s %s, %s[%zu] %s %s %s",
              NUMBER(walk->loss), SIGN(ARROW), NUMBER(walk->loss_after), LAYER("a", walk->layer_count),
              walk->answer, NUMBER(walk_last(walk)->activations[walk->answer]), SIGN(ARROW),
              NUMBER(walk->outputs_after[walk->answer]));
}

/* ---- What mattered ---- */

static void name_part(const struct walk *walk, size_t part, char text[INPUT_NAME]) {
    const struct occlusion *map = &walk->occlusion;
    if (map->rows > 0)
        snprintf(text, INPUT_NAME, "the %zux%zu pixels about row %zu, column %zu", map->patch, map->patch,
                 part / map->columns * map->stride, part % map->columns * map->stride);
    else if (walk->encoder != NULL)
        snprintf(text, INPUT_NAME, "%s", walk->encoder->columns[part].name);
    else
        explain_input_name(walk, part * map->stride, text);
}

/* The largest values that speak for the answer (sign 1) or against it (-1), with their names. */
static void tell_largest(const struct walk *walk, const struct words *words, const float *values,
                         size_t count, float sign,
                         void (*name)(const struct walk *, size_t, char[INPUT_NAME])) {
    enum { SHOWN = 3 };
    float below = INFINITY;
    size_t shown = 0, previous = count;
    for (; shown < SHOWN; shown++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            float value = sign * values[i];
            bool later = value < below || (value == below && i > previous);
            if (later && value > 0.0F && (best == count || value > sign * values[best]))
                best = i;
        }
        if (best == count)
            break;
        char text[INPUT_NAME];
        name(walk, best, text);
        word_line(words, 4, "%s: %s", text, NUMBER(values[best]));
        below = sign * values[best];
        previous = best;
    }
    if (shown == 0)
        word_line(words, 4, "nothing");
}

static void tell_what_mattered(const struct walk *walk, const struct words *words) {
    size_t inputs = walk->layers[0].inputs;
    heading("What mattered");
    word_line(words, 2, "%s%s %s %sC/%s%s: gradient times input, most for what is right", SIGN(MINUS),
              LAYER("a", 0), SIGN(HADAMARD), SIGN(PARTIAL), SIGN(PARTIAL), LAYER("a", 0));
    tell_largest(walk, words, walk->importance, inputs, 1.0F, explain_input_name);
    word_line(words, 2, "and most against it");
    tell_largest(walk, words, walk->importance, inputs, -1.0F, explain_input_name);
    if (walk->height > 0)
        draw(walk, words, walk->importance, largest_of(walk->importance, inputs));
    word_line(words, 2, "occlusion: what %s[%zu] loses where a part of the sample is 0",
              LAYER("a", walk->layer_count), walk->answer);
    tell_largest(walk, words, walk->occlusion.change, walk->occlusion.count, 1.0F, name_part);
}

void explain_print_text(const struct walk *walk) {
    enum { NARROWEST = 24, WIDEST_USED = 120 };
    size_t columns = output_columns();
    const struct words words = {.utf8 = output_takes_utf8(),
                                .width = columns < NARROWEST     ? NARROWEST
                                         : columns > WIDEST_USED ? WIDEST_USED
                                                                 : (unsigned)columns};
    tell_sample(walk, &words);
    tell_forward(walk, &words);
    heading("Backward");
    for (size_t l = walk->layer_count; l-- > 0;)
        tell_layer_backward(walk, &words, l);
    tell_weight(walk, &words);
    tell_step(walk, &words);
    tell_what_mattered(walk, &words);
}
