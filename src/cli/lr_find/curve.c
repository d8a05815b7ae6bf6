/* The curve of a sweep, in text and as a picture. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "cli/frame/plot.h"
#include "cli/frame/terminal.h"
#include "cli/lr_find/lr_find.h"

/* Beyond this loss a curve is cut off: what matters is how it falls. */
static double ceiling(const struct sweep *sweep) {
    double highest = 0.0;
    for (size_t i = 0; i <= sweep->least; i++)
        highest = fmax(highest, sweep->smooth[i]);
    return 1.25 * highest;
}

/* ---- Text ---- */

/* Elements up to the point where the curve leaves the picture. */
static size_t shown(const struct sweep *sweep) {
    double top = ceiling(sweep);
    size_t count = sweep->least;
    while (count < sweep->count && sweep->smooth[count] <= top)
        count++;
    return count;
}

/* Puts a word into a line of text where there is room for it and a space on either side. */
static void put(char *line, size_t width, size_t at, const char *word) {
    size_t length = strlen(word);
    at = at + length > width ? width - length : at;
    for (size_t i = at > 0 ? at - 1 : 0; i < at + length + 1 && i < width; i++)
        if (line[i] != ' ')
            return;
    memcpy(line + at, word, length);
}

/* "1e-5" for 1e-05. */
static void write_rate(double rate, char text[32]) {
    snprintf(text, 32, "%.2g", rate);
    char *exponent = strchr(text, 'e');
    if (exponent != NULL)
        snprintf(exponent, 16, "e%ld", strtol(exponent + 1, NULL, 10));
}

/* Powers of ten under the axis. The first and the last rate stand at its ends. */
static void print_rates(const struct sweep *sweep, const struct plot *plot) {
    size_t width = plot->columns - PLOT_MARGIN;
    char line[PLOT_MOST_COLUMNS + 1], word[32];
    memset(line, ' ', width);
    line[width] = '\0';
    write_rate(sweep->from, word);
    put(line, width, 0, word);
    write_rate(sweep->to, word);
    put(line, width, width, word);

    double span = log10(sweep->to / sweep->from);
    for (int power = -12; power <= 6; power++) {
        double share = (power - log10(sweep->from)) / span;
        snprintf(word, sizeof word, "1e%d", power);
        if (share > 0.0 && share < 1.0)
            put(line, width, (size_t)(share * (double)(width - 1)), word);
    }
    print("%*s%s\n", PLOT_MARGIN, "", line);
}

/* A mark under the axis, with what it stands for on the side that has the room. */
static void print_mark(const struct sweep *sweep, const struct plot *plot, double rate, const char *name) {
    size_t width = plot->columns - PLOT_MARGIN, length = strlen(name);
    double share = log(rate / sweep->from) / log(sweep->to / sweep->from);
    size_t at = (size_t)(share * (double)(width - 1) + 0.5);
    if (at + length + 2 <= width)
        print("%*s^ %s\n", (int)(PLOT_MARGIN + at), "", name);
    else if (length + 1 <= at)
        print("%*s%s ^\n", (int)(PLOT_MARGIN + at - length - 1), "", name);
    else
        print("%*s^\n", (int)(PLOT_MARGIN + at), "");
}

void curve_print(const struct sweep *sweep) {
    size_t columns = output_columns();
    if (columns < PLOT_LEAST_COLUMNS || sweep->count < 2)
        return;
    struct plot plot = {
        .value = sweep->smooth,
        .count = shown(sweep),
        .whole = sweep->planned,
        .rows = 12,
        .columns = columns < 100 ? columns : 100,
        .utf8 = output_takes_utf8(),
    };
    print("%*sloss, smoothed, against the learning rate\n", columns < 60 ? 0 : PLOT_MARGIN, "");
    plot_print(&plot);
    print_rates(sweep, &plot);
    if (!sweep->found)
        return;
    print_mark(sweep, &plot, sweep->rate[sweep->steepest], "steepest");
    if (sweep->suggested >= sweep->from)
        print_mark(sweep, &plot, sweep->suggested, "minimum / 10");
}

/* ---- SVG ---- */

/* The picture's place for the curve, in pixels. */
enum { WIDTH = 800, HEIGHT = 450, LEFT = 70, RIGHT = 20, TOP = 50, BOTTOM = 60, MOST_POINTS = 2000 };

static double place_x(const struct sweep *sweep, double rate) {
    double share = log(rate / sweep->from) / log(sweep->to / sweep->from);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double place_y(double loss, double top) {
    double share = fmin(loss, top) / top;
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

/* At most MOST_POINTS of the values, evenly spread. */
static void write_line(struct output *output, const struct sweep *sweep, const double *value, double top,
                       const char *style) {
    size_t stride = sweep->count / MOST_POINTS + 1;
    output_printf(output, "<polyline fill=\"none\" %s points=\"", style);
    for (size_t i = 0; i < sweep->count; i += stride)
        output_printf(output, "%s%.1f,%.1f", i > 0 ? " " : "", place_x(sweep, sweep->rate[i]),
                      place_y(value[i], top));
    output_printf(output, "\"/>\n");
}

static void write_axes(struct output *output, const struct sweep *sweep, double top) {
    int bottom = HEIGHT - BOTTOM;
    output_printf(output, "<path fill=\"none\" stroke=\"#444\" d=\"M%d,%d V%d H%d\"/>\n", LEFT, TOP, bottom,
                  WIDTH - RIGHT);
    for (int i = 0; i <= 4; i++)
        output_printf(output, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n", LEFT - 8,
                      place_y(top * i / 4, top) + 4, top * i / 4);
    for (int power = -12; power <= 6; power++) {
        double rate = pow(10.0, power);
        if (rate < sweep->from * 0.999 || rate > sweep->to * 1.001)
            continue;
        double x = place_x(sweep, rate);
        output_printf(output, "<path stroke=\"#ccc\" d=\"M%.1f,%d V%d\"/>\n", x, TOP, bottom);
        output_printf(output, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">1e%d</text>\n", x,
                      bottom + 18, power);
    }
    output_printf(output, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">learning rate</text>\n",
                  (WIDTH + LEFT - RIGHT) / 2, HEIGHT - 15);
}

static void write_mark(struct output *output, const struct sweep *sweep, double rate, const char *name,
                       int row) {
    double x = place_x(sweep, rate);
    if (rate < sweep->from)
        return;
    output_printf(output, "<path stroke=\"#c40\" stroke-dasharray=\"4\" d=\"M%.1f,%d V%d\"/>\n", x, TOP,
                  HEIGHT - BOTTOM);
    output_printf(output, "<text x=\"%.1f\" y=\"%d\" fill=\"#c40\" text-anchor=\"end\">%s %.3g</text>\n",
                  x - 6, TOP + 14 + 18 * row, name, rate);
}

minnow_status curve_save_svg(const struct sweep *sweep, const char *title, const char *path) {
    struct output *output;
    minnow_status status = output_open(path, &output);
    if (status != MINNOW_OK)
        return status;

    double top = sweep->count > 0 && ceiling(sweep) > 0.0 ? ceiling(sweep) : 1.0;
    output_printf(output,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                  "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                  "<text x=\"%d\" y=\"28\" font-size=\"15\">Loss against learning rate: %s</text>\n",
                  WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, title);
    write_axes(output, sweep, top);
    write_line(output, sweep, sweep->loss, top, "stroke=\"#9bd\" stroke-opacity=\"0.5\"");
    write_line(output, sweep, sweep->smooth, top, "stroke=\"#036\" stroke-width=\"2\"");
    if (sweep->found) {
        write_mark(output, sweep, sweep->rate[sweep->steepest], "steepest", 0);
        write_mark(output, sweep, sweep->suggested, "minimum / 10", 1);
    }
    output_printf(output, "</svg>\n");
    return output_commit(output);
}
