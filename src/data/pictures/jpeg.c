/* JPEG, through libjpeg, whose errors are jumps. */
#include <string.h>

#include "base/status.h"
#include "data/pictures/picture.h"

static bool detect(const uint8_t *bytes, size_t size) {
    return size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

#ifdef MINNOW_HAVE_JPEG

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "base/byte_order.h"
#include "base/memory.h"

/* The library hands back pointers to the first members, which are its own. */
struct decoder {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    char message[JMSG_LENGTH_MAX];
    const char *name;
    minnow_status status;
};

static void give_up(j_common_ptr info) {
    struct decoder *decoder = (struct decoder *)info;
    info->err->format_message(info, decoder->message);
    decoder->status = fail(MINNOW_ERROR_INPUT, "%s: cannot be read as JPEG: %s; get it again", decoder->name,
                           decoder->message);
    longjmp(decoder->failed, 1);
}

/* Warnings: a cut file shows as one, and what there is of it is shown grey. */
static void take_note(j_common_ptr info, int level) {
    if (level < 0)
        give_up(info);
}

/* A progressive file of thousands of scans would take hours. */
static void watch_scans(j_common_ptr info) {
    enum { SCANS_MAX = 500 };
    struct decoder *decoder = (struct decoder *)info;
    if (decoder->info.input_scan_number <= SCANS_MAX)
        return;
    decoder->status = fail(MINNOW_ERROR_INPUT, "%s: a JPEG of more than %d scans", decoder->name, SCANS_MAX);
    longjmp(decoder->failed, 1);
}

/* Cameras store how they were held in the Exif data (JEITA CP-3451, tag 0x0112): 1 to 8. */
static unsigned exif_orientation(const uint8_t *bytes, size_t size) {
    enum { TIFF_AT = 6, ENTRY = 12, ORIENTATION = 0x0112 };
    if (size < TIFF_AT + 8 || memcmp(bytes, "Exif\0\0", TIFF_AT) != 0)
        return 1;
    const uint8_t *tiff = bytes + TIFF_AT;
    size_t left = size - TIFF_AT;
    bool little = tiff[0] == 'I';
    uint32_t at = little ? load_le32(tiff + 4) : load_be32(tiff + 4);
    if (at > left || left - at < 2)
        return 1;

    const uint8_t *entry = tiff + at + 2;
    size_t count = little ? load_le16(tiff + at) : (size_t)(tiff[at] << 8 | tiff[at + 1]);
    count = size_min(count, (left - at - 2) / ENTRY);
    for (size_t i = 0; i < count; i++, entry += ENTRY) {
        unsigned tag = little ? load_le16(entry) : (unsigned)(entry[0] << 8 | entry[1]);
        unsigned value = little ? load_le16(entry + 8) : (unsigned)(entry[8] << 8 | entry[9]);
        if (tag == ORIENTATION)
            return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}

static unsigned find_orientation(const struct jpeg_decompress_struct *info) {
    for (jpeg_saved_marker_ptr marker = info->marker_list; marker != NULL; marker = marker->next)
        if (marker->marker == JPEG_APP0 + 1)
            return exif_orientation(marker->data, marker->data_length);
    return 1;
}

/* Bit 0 of orientation - 1 says mirrored with bit 1 for upside down; from 5 on rows and columns are exchanged. */
static minnow_status turn(const char *name, unsigned orientation, struct picture *picture) {
    if (orientation == 1)
        return MINNOW_OK;
    bool exchange = orientation >= 5;
    bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    struct picture turned;
    minnow_status status =
        picture_allocate(name, exchange ? picture->width : picture->height,
                         exchange ? picture->height : picture->width, picture->channels, &turned);
    if (status != MINNOW_OK)
        return status;

    for (size_t y = 0; y < turned.height; y++)
        for (size_t x = 0; x < turned.width; x++) {
            size_t row = exchange ? x : y, column = exchange ? y : x;
            row = flip_y ? picture->height - 1 - row : row;
            column = flip_x ? picture->width - 1 - column : column;
            memcpy(turned.pixels + (y * turned.width + x) * turned.channels,
                   picture->pixels + (row * picture->width + column) * picture->channels, turned.channels);
        }
    picture_free(picture);
    *picture = turned;
    return MINNOW_OK;
}

static minnow_status read_rows(struct decoder *decoder, const uint8_t *bytes, size_t size, size_t channels,
                               struct picture *out) {
    struct jpeg_decompress_struct *info = &decoder->info;
    if (setjmp(decoder->failed) != 0)
        return decoder->status;

    jpeg_create_decompress(info);
    info->progress = &decoder->progress;
    jpeg_mem_src(info, bytes, size);
    jpeg_save_markers(info, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(info, TRUE);
    if (info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK)
        return fail(MINNOW_ERROR_INPUT, "%s: a JPEG in the four colours of print; save it as RGB or grey",
                    decoder->name);

    /* A block of 8 × 8 pixels takes a bit at the least, and may share it with others. */
    enum { PER_BYTE = 1024 };
    decoder->status = picture_check(decoder->name, info->image_height, info->image_width, size, PER_BYTE);
    if (decoder->status == MINNOW_OK)
        decoder->status =
            picture_allocate(decoder->name, info->image_height, info->image_width, channels, out);
    if (decoder->status != MINNOW_OK)
        return decoder->status;
    info->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(info);
    while (info->output_scanline < info->output_height) {
        JSAMPROW row = out->pixels + info->output_scanline * out->width * channels;
        jpeg_read_scanlines(info, &row, 1);
    }
    jpeg_finish_decompress(info);
    return turn(decoder->name, find_orientation(info), out);
}

static minnow_status decode(const char *name, const uint8_t *bytes, size_t size, size_t channels,
                            struct picture *out) {
    struct decoder *decoder = memory_allocate(1, sizeof *decoder);
    if (decoder == NULL)
        return fail_memory(name);
    decoder->name = name;
    decoder->info.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = give_up;
    decoder->errors.emit_message = take_note;
    decoder->progress.progress_monitor = watch_scans;

    minnow_status status = read_rows(decoder, bytes, size, channels, out);
    jpeg_destroy_decompress(&decoder->info);
    memory_free(decoder);
    return status;
}

const struct picture_kind picture_jpeg = {"JPEG", "libjpeg", detect, decode};

#else
const struct picture_kind picture_jpeg = {"JPEG", "libjpeg", detect, NULL};
#endif
