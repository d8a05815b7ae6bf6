#include "cli/predict/show.h"

#include <math.h>

#include "cli/frame/terminal.h"

/* Red, green and blue, 0 to 255, of a pixel; beyond the last row, the black of nothing. */
static void pixel(const struct picture_recipe *recipe, const float *values, float scale, size_t y, size_t x,
                  int colour[3]) {
    for (size_t c = 0; c < 3; c++) {
        size_t channel = recipe->channels == 3 ? c : 0;
        size_t at = (y * recipe->width + x) * recipe->channels + channel;
        float level = y < recipe->height && scale > 0.0f ? values[at] / scale : 0.0f;
        colour[c] = (int)lroundf(fminf(fmaxf(level, 0.0f), 255.0f));
    }
}

static void print_pair(const int upper[3], const int lower[3], bool coloured) {
    enum { LIGHT = 3 * 96 };
    if (coloured) {
        print("\033[38;2;%d;%d;%dm\033[48;2;%d;%d;%dm▀", upper[0], upper[1], upper[2], lower[0], lower[1],
              lower[2]);
        return;
    }
    static const char *const blocks[4] = {" ", "▄", "▀", "█"};
    int bits = (upper[0] + upper[1] + upper[2] > LIGHT) << 1 | (lower[0] + lower[1] + lower[2] > LIGHT);
    print("%s", blocks[bits]);
}

void show_image(const struct picture_recipe *recipe, const float *values, float scale) {
    bool coloured = output_colours()->plain[0] != '\0';
    for (size_t y = 0; y < recipe->height; y += 2) {
        for (size_t x = 0; x < recipe->width; x++) {
            int upper[3], lower[3];
            pixel(recipe, values, scale, y, x, upper);
            pixel(recipe, values, scale, y + 1, x, lower);
            print_pair(upper, lower, coloured);
        }
        print("%s\n", coloured ? "\033[0m" : "");
    }
}
