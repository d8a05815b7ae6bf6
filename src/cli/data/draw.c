/* Pictures in a terminal. */
#include <stdint.h>

#include "cli/data/data.h"
#include "cli/frame/terminal.h"

enum { LINE = 80 };

/* A character for two pixels above each other, as characters are twice as high as wide. */
static char shade(unsigned upper, unsigned lower) {
    static const char shades[] = " .:-=+*#%@";
    return shades[(upper + lower) * (sizeof shades - 2) / (2 * UINT8_MAX)];
}

void data_draw(const uint8_t *pixels, size_t count, size_t height, size_t width) {
    size_t fitting = (LINE + 1) / (width + 1);
    if (fitting == 0)
        return;
    if (count > fitting)
        count = fitting;
    for (size_t y = 0; y < height; y += 2) {
        for (size_t i = 0; i < count; i++) {
            const uint8_t *picture = pixels + i * height * width;
            for (size_t x = 0; x < width; x++) {
                unsigned upper = picture[y * width + x];
                unsigned lower = y + 1 < height ? picture[(y + 1) * width + x] : upper;
                print("%c", shade(upper, lower));
            }
            print("%s", i + 1 < count ? " " : "\n");
        }
    }
}
