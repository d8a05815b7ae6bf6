/* The walk as a picture of two drawings: forward, and backward. Light and dark, as the reader's page is. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/status.h"
#include "cli/explain/explain.h"
#include "cli/explain/words.h"
#include "cli/inputs/class_names.h"

/* Places, in the picture's own unit. */
enum {
    LEFT = 24,
    SIDE = 168,    /* of the sample */
    GAP = 210,     /* from one column of units to the next */
    TOP = 74,      /* of a drawing's columns, below its top */
    HEIGHT = 300,  /* of the columns */
    DRAWING = 470, /* one below the other */
    RADIUS = 9,
    UNITS_SHOWN = 12, /* of a column */
    LINES = 36,       /* between two columns */
    SIDE_MOST = 64    /* pixels of the sample that are drawn */
};

struct svg {
    const struct walk *walk;
    struct output *output;
    struct words words;
    size_t *units[NETWORK_MAX_LAYERS], count[NETWORK_MAX_LAYERS]; /* that are shown of each layer */
    size_t inputs[UNITS_SHOWN], input_count; /* that are shown of a sample that is no picture */
};

#define SIGN(sign) word_sign(&svg->words, SIGN_##sign)
#define LAYER(symbol, l) word_layer(&svg->words, symbol, l)
#define NUMBER(value) word_number(&svg->words, (double)(value))
#define DELTA(l) LAYER(SIGN(DELTA), l)
#define PUT(...) output_printf(svg->output, __VA_ARGS__)

static const char style[] =
    "<style>\n"
    "text{font:14px system-ui,'DejaVu Sans',sans-serif;fill:#1d2430}\n"
    ".f{font:13px ui-monospace,'DejaVu Sans Mono',monospace}\n"
    ".h{font-weight:bold;font-size:17px}.s{fill:#555e6d}.e{text-anchor:end}.m{text-anchor:middle}\n"
    ".g{fill:#fff}.u{stroke:#8a93a1;stroke-width:1.2;fill:#fff}.b{fill:#0b5cad}.n{fill:none}\n"
    ".w{fill:#fff}.p{fill:#c2410c}.q{fill:#1d4ed8}path.l{fill:none;stroke:#c2410c}path.k{fill:none;stroke:#"
    "1d4ed8}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e9ecf1}.s{fill:#adb5c2}.g,.u{fill:#1c2027}.u{stroke:#"
    "7d8796}\n"
    ".b{fill:#7cb8f5}.p{fill:#fb923c}.q{fill:#6da0ff}path.l{stroke:#fb923c}path.k{stroke:#6da0ff}}\n"
    "</style>\n";

/* Text that a file may have chosen. */
static void put_text(struct svg *svg, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '<' || c == '&' || c < 0x20)
            PUT("&#%d;", c < 0x20 ? '?' : c);
        else
            PUT("%c", c);
    }
}

/* ---- Pictures ---- */

/* In steps of an eighth, each one path of runs along the rows. Above 0 and below have a colour each, unless it is light
   on a dark ground. */
static void put_level(struct svg *svg, const float *values, float most, int level, const char *fill) {
    enum { STEPS = 8 };
    const struct walk *walk = svg->walk;
    size_t skip = ((walk->height > walk->width ? walk->height : walk->width) - 1) / SIDE_MOST + 1;
    bool begun = false;
    for (size_t y = 0; y < walk->height; y += skip)
        for (size_t x = 0, run = 0; x < walk->width + skip; x += skip) {
            float value = x < walk->width ? values[(y * walk->width + x) * walk->channels] : 0.0F;
            bool in =
                x < walk->width && (int)lrintf(STEPS * fmaxf(-1.0F, fminf(value / most, 1.0F))) == level;
            if (!in && run > 0 && !begun)
                PUT("<path class=\"%s\" fill-opacity=\"%.3g\" d=\"", fill, fabs((double)level) / STEPS);
            if (!in && run > 0)
                PUT("M%zu %zuh%zuv%zuh-%zuz", x - run, y, run, skip, run);
            begun = begun || (!in && run > 0);
            run = in ? run + skip : 0;
        }
    if (begun)
        PUT("\"/>\n");
}

static void put_picture(struct svg *svg, const float *values, bool around, int top) {
    const struct walk *walk = svg->walk;
    size_t side = walk->height > walk->width ? walk->height : walk->width;
    float most = 0.0F;
    for (size_t i = 0; i < walk->layers[0].inputs; i++)
        most = fmaxf(most, fabsf(values[i]));
    PUT("<g transform=\"translate(%d %d) scale(%.4g)\">\n<rect width=\"%zu\" height=\"%zu\" class=\"u\" "
        "style=\"stroke-width:%.3g%s\"/>\n",
        LEFT, top + (HEIGHT - SIDE) / 2, (double)SIDE / (double)side, walk->width, walk->height,
        1.2 * (double)side / SIDE, around ? "" : ";fill:#000");
    for (int level = -8; level <= 8 && most > 0.0F; level++)
        if (level != 0)
            put_level(svg, values, most, level, around ? (level > 0 ? "p" : "q") : "w");
    PUT("</g>\n");
}

/* ---- Columns ---- */

static void place_unit(const struct svg *svg, size_t l, size_t n, int top, double *x, double *y) {
    *x = LEFT + SIDE + (double)(l + 1) * GAP - 80;
    *y = top + HEIGHT * ((double)n + 0.5) / (double)svg->count[l];
}

/* Where the lines of an input begin: its pixel, or its name. */
static void place_input(const struct svg *svg, size_t input, int top, double *x, double *y) {
    const struct walk *walk = svg->walk;
    if (walk->height > 0) {
        double scale = (double)SIDE / (double)(walk->height > walk->width ? walk->height : walk->width);
        size_t pixel = input / walk->channels;
        *x = LEFT + ((double)(pixel % walk->width) + 0.5) * scale;
        *y = top + (HEIGHT - SIDE) / 2.0 + ((double)(pixel / walk->width) + 0.5) * scale;
        return;
    }
    size_t n = 0;
    while (n + 1 < svg->input_count && svg->inputs[n] != input)
        n++;
    *x = LEFT + SIDE;
    *y = top + HEIGHT * ((double)n + 0.5) / (double)svg->input_count;
}

static void place(const struct svg *svg, size_t l, size_t input, int top, double *x, double *y) {
    if (l == 0) {
        place_input(svg, input, top, x, y);
        return;
    }
    size_t n = 0;
    while (n + 1 < svg->count[l - 1] && svg->units[l - 1][n] != input)
        n++;
    place_unit(svg, l - 1, n, top, x, y);
}

static void put_lines(struct svg *svg, size_t l, enum product product, int top) {
    struct connection found[LINES];
    const struct walk *walk = svg->walk;
    const size_t *inputs = l > 0 ? svg->units[l - 1] : walk->height > 0 ? NULL : svg->inputs;
    size_t input_count = l > 0              ? svg->count[l - 1]
                         : walk->height > 0 ? walk->layers[0].inputs
                                            : svg->input_count;
    size_t count = explain_connections(walk, l, product, inputs, input_count, svg->units[l], svg->count[l],
                                       LINES, found);
    for (size_t n = count; n-- > 0;) {
        double x1, y1, x2, y2, share = fabs((double)found[n].value) / fabs((double)found[0].value);
        place(svg, l, found[n].input, top, &x1, &y1);
        place(svg, l + 1, found[n].unit, top, &x2, &y2);
        PUT("<path class=\"%c\" stroke-opacity=\"%.2f\" stroke-width=\"%.2f\" d=\"M%.1f %.1fC%.1f %.1f %.1f "
            "%.1f "
            "%.1f %.1f\"/>\n",
            found[n].value > 0.0F ? 'l' : 'k', 0.15 + 0.7 * share, 0.6 + 2.2 * share, x1, y1, (x1 + x2) / 2,
            y1, (x1 + x2) / 2, y2, x2, y2);
    }
}

static void put_units(struct svg *svg, size_t l, const float *values, int top) {
    float most = 0.0F;
    for (size_t j = 0; j < svg->walk->layers[l].outputs; j++)
        most = fmaxf(most, fabsf(values[j]));
    for (size_t n = 0; n < svg->count[l]; n++) {
        double x, y, share = most > 0.0F ? (double)values[svg->units[l][n]] / (double)most : 0.0;
        place_unit(svg, l, n, top, &x, &y);
        PUT("<circle class=\"u\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>", x, y, RADIUS);
        if (share != 0.0)
            PUT("<circle class=\"%c\" fill-opacity=\"%.2f\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"/>",
                share > 0.0 ? 'p' : 'q', fabs(share), x, y, RADIUS - 1);
        PUT("\n");
    }
}

static void put_outputs(struct svg *svg, const float *values, int top) {
    const struct walk *walk = svg->walk;
    size_t l = walk->layer_count - 1;
    for (size_t n = 0; n < svg->count[l]; n++) {
        char number[CLASS_NUMBER_TEXT];
        size_t unit = svg->units[l][n];
        double x, y;
        place_unit(svg, l, n, top, &x, &y);
        PUT("<text x=\"%.1f\" y=\"%.1f\"%s>", x + 18, y + 5,
            walk->sample.targets == NULL && unit == walk->answer ? " style=\"font-weight:bold\"" : "");
        put_text(svg, class_name(walk->names, unit, number));
        PUT("  <tspan class=\"f s\">%s</tspan></text>\n", NUMBER(values[unit]));
    }
}

/* To as many characters as there is room for. */
static void cut_name(char name[INPUT_NAME]) {
    enum { ROOM = 18 };
    size_t characters = 0;
    for (char *c = name; *c != '\0'; c++)
        if (((unsigned char)*c & 0xc0) != 0x80 && ++characters > ROOM) {
            *c = '\0';
            return;
        }
}

static void put_inputs(struct svg *svg, const float *values, int top) {
    for (size_t n = 0; n < svg->input_count; n++) {
        char name[INPUT_NAME];
        double x, y;
        explain_input_name(svg->walk, svg->inputs[n], name);
        place_input(svg, svg->inputs[n], top, &x, &y);
        PUT("<text class=\"e\" x=\"%.1f\" y=\"%.1f\">", x - 6, y + 5);
        cut_name(name);
        put_text(svg, name);
        PUT(" <tspan class=\"f s\">%s</tspan></text>\n", NUMBER(values[svg->inputs[n]]));
    }
}

/* A formula below a column, in up to two lines; `l` counts the sample as the first. */
static void put_formula(struct svg *svg, size_t l, int top, const char *first, const char *second) {
    double x = l == 0 ? LEFT + SIDE / 2.0 : LEFT + SIDE + (double)l * GAP - 80;
    PUT("<text class=\"f m\" x=\"%.1f\" y=\"%d\">%s</text>\n", x, top + HEIGHT + 26, first);
    PUT("<text class=\"f m\" x=\"%.1f\" y=\"%d\">%s</text>\n", x, top + HEIGHT + 46, second);
}

/* ---- The two drawings ---- */

static const char *activation_name(const struct walk *walk, size_t l) {
    return l + 1 == walk->layer_count ? loss_formulas[minnow_network_loss(walk->network)].outputs
                                      : activation_row(minnow_network_activation(walk->network, l))->name;
}

static void put_sample(struct svg *svg, const float *values, bool around, int top) {
    if (svg->walk->height > 0)
        put_picture(svg, values, around, top);
    else
        put_inputs(svg, values, top);
}

/* What a drawing shows, and of what; and the beginning of the line below. */
static void put_heading(struct svg *svg, int top, const char *name) {
    const struct walk *walk = svg->walk;
    char right[CLASS_NUMBER_TEXT], guess[CLASS_NUMBER_TEXT];
    PUT("<text x=\"%d\" y=\"%d\"><tspan class=\"h\">%s</tspan>", LEFT, top + 34, name);
    if (walk->sample.targets == NULL) {
        PUT("  right: ");
        put_text(svg, class_name(walk->names, walk->answer, right));
        PUT(", taken for: ");
        put_text(svg, class_name(walk->names, walk->guess, guess));
    }
    PUT("</text>\n<text class=\"s\" x=\"%d\" y=\"%d\">", LEFT, top + 56);
}

static void put_forward(struct svg *svg) {
    const struct walk *walk = svg->walk;
    char first[160], second[160];
    put_heading(svg, 0, "Feed-forward");
    PUT("Lines: the largest products w a. Units: their activations a.</text>\n");
    put_sample(svg, walk->sample.values, false, TOP);
    for (size_t l = 0; l < walk->layer_count; l++)
        put_lines(svg, l, PRODUCT_FORWARD, TOP);
    snprintf(first, sizeof first, "%s [%zu]", LAYER("a", 0), walk->layers[0].inputs);
    put_formula(svg, 0, TOP, first, "");
    for (size_t l = 0; l < walk->layer_count; l++) {
        put_units(svg, l, walk->layers[l].activations, TOP);
        snprintf(first, sizeof first, "%s = %s%s + %s", LAYER("z", l + 1), LAYER("W", l + 1), LAYER("a", l),
                 LAYER("b", l + 1));
        snprintf(second, sizeof second, "%s = %s(%s) [%zu]", LAYER("a", l + 1), activation_name(walk, l),
                 LAYER("z", l + 1), walk->layers[l].outputs);
        put_formula(svg, l + 1, TOP, first, second);
    }
    put_outputs(svg, walk_last(walk)->activations, TOP);
}

static void put_backward(struct svg *svg) {
    const struct walk *walk = svg->walk;
    const struct loss_formula *loss = &loss_formulas[minnow_network_loss(walk->network)];
    int top = DRAWING + TOP;
    char first[160], second[160];
    put_heading(svg, DRAWING, "Backpropagation");
    PUT("C = %s = %s. Lines: the largest w %s, from the sample %sC/%sw. Units: %s.</text>\n", loss->loss,
        NUMBER(walk->loss), SIGN(DELTA), SIGN(PARTIAL), SIGN(PARTIAL), SIGN(DELTA));
    put_sample(svg, walk->importance, true, top);
    for (size_t l = 0; l < walk->layer_count; l++)
        put_lines(svg, l, l == 0 ? PRODUCT_GRADIENT : PRODUCT_BACKWARD, top);
    snprintf(first, sizeof first, "%s%s %s %sC/%s%s", SIGN(MINUS), LAYER("a", 0), SIGN(HADAMARD),
             SIGN(PARTIAL), SIGN(PARTIAL), LAYER("a", 0));
    put_formula(svg, 0, top, first, "");
    for (size_t l = 0; l < walk->layer_count; l++) {
        put_units(svg, l, walk->layers[l].deltas, top);
        if (l + 1 == walk->layer_count)
            snprintf(first, sizeof first, "%s = %s", DELTA(l + 1), loss->delta);
        else
            snprintf(first, sizeof first, "%s = (%s)%s%s %s f%s(%s)", DELTA(l + 1), LAYER("W", l + 2),
                     SIGN(TRANSPOSED), DELTA(l + 2), SIGN(HADAMARD), SIGN(PRIME), LAYER("z", l + 1));
        snprintf(second, sizeof second, "%sC/%s%s = %s(%s)%s", SIGN(PARTIAL), SIGN(PARTIAL),
                 LAYER("W", l + 1), DELTA(l + 1), LAYER("a", l), SIGN(TRANSPOSED));
        put_formula(svg, l + 1, top, first, second);
    }
    put_outputs(svg, walk_last(walk)->deltas, top);
}

static void put_weight(struct svg *svg) {
    const struct walk *walk = svg->walk;
    const struct followed *w = &walk->followed;
    size_t l = w->layer + 1;
    int y = 2 * DRAWING + 8;
    PUT("<text class=\"f\" x=\"%d\" y=\"%d\">One weight: %s[%zu,%zu] = %s.  %sC/%sw = %s[%zu] %s[%zu] = %s "
        "%s %s = "
        "%s</text>\n",
        LEFT, y, LAYER("w", l), w->unit, w->input, NUMBER(w->weight), SIGN(PARTIAL), SIGN(PARTIAL),
        LAYER("a", l - 1), w->input, DELTA(l), w->unit, NUMBER(walk_into(walk, w->layer)[w->input]),
        SIGN(TIMES), NUMBER(walk->layers[w->layer].deltas[w->unit]), NUMBER(w->gradient));
    PUT("<text class=\"f\" x=\"%d\" y=\"%d\">One step, %s = %s: w %s %s, C %s %s %s</text>\n", LEFT, y + 22,
        SIGN(ETA), NUMBER(walk->learning_rate), SIGN(TAKES), NUMBER(w->after), NUMBER(walk->loss),
        SIGN(ARROW), NUMBER(walk->loss_after));
}

/* ---- The file ---- */

/* The inputs that are largest, ascending. */
static void choose_inputs(struct svg *svg) {
    const struct walk *walk = svg->walk;
    const float *values = walk->sample.values;
    for (size_t i = 0; i < walk->layers[0].inputs; i++) {
        size_t place = svg->input_count;
        while (place > 0 && fabsf(values[svg->inputs[place - 1]]) < fabsf(values[i]))
            place--;
        if (place == UNITS_SHOWN)
            continue;
        size_t moved = size_min(svg->input_count, UNITS_SHOWN - 1) - place;
        memmove(svg->inputs + place + 1, svg->inputs + place, moved * sizeof *svg->inputs);
        svg->inputs[place] = i;
        svg->input_count = size_min(svg->input_count + 1, UNITS_SHOWN);
    }
}

static minnow_status open_svg(struct svg *svg, const char *path) {
    for (size_t l = 0; l < svg->walk->layer_count; l++) {
        svg->units[l] = explain_units(svg->walk, l, UNITS_SHOWN, &svg->count[l]);
        if (svg->units[l] == NULL)
            return fail_memory(path);
    }
    choose_inputs(svg);
    return output_open(path, &svg->output);
}

static void put_all(struct svg *svg) {
    const struct walk *walk = svg->walk;
    size_t width = LEFT + SIDE + walk->layer_count * GAP + 100;
    size_t height = 2 * DRAWING + 46;
    PUT("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu %zu\" width=\"%zu\" height=\"%zu\" "
        "role=\"img\">\n"
        "<title>A sample's walk through a network: feed-forward, and backpropagation</title>\n",
        width, height, width, height);
    PUT("%s", style);
    PUT("<rect class=\"g\" width=\"%zu\" height=\"%zu\"/>\n", width, height);
    put_forward(svg);
    put_backward(svg);
    put_weight(svg);
    PUT("</svg>\n");
}

minnow_status explain_write_svg(const struct walk *walk, const char *path) {
    struct svg svg = {.walk = walk, .words = {.utf8 = true}};
    minnow_status status = open_svg(&svg, path);
    if (status == MINNOW_OK) {
        put_all(&svg);
        status = output_commit(svg.output);
    }
    for (size_t l = 0; l < walk->layer_count; l++)
        memory_free(svg.units[l]);
    return status;
}
