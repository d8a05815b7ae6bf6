/* What the operands of minnow predict name: files, and the pictures in folders and archives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/frame/terminal.h"
#include "cli/predict/predict.h"
#include "data/formats/archive.h"
#include "data/formats/pictures.h"

/* Whether the others have their turn after one that ended so. */
static bool goes_on(const struct prediction *p, int status) {
    return status == STATUS_SUCCESS || (status == STATUS_INPUT && !p->settings->strict);
}

/* ---- Folders ---- */

static int predict_folder(struct prediction *p, const char *folder) {
    struct name_set files, unread;
    minnow_status listed = picture_list_folder(folder, &files, &unread);
    if (listed != MINNOW_OK)
        return report(listed);
    int status = STATUS_SUCCESS;
    for (size_t i = 0; i < unread.count && goes_on(p, status); i++)
        status = problem(STATUS_INPUT, "%s", unread.name[i]);
    if (files.count == 0 && unread.count == 0)
        status =
            problem(STATUS_INPUT,
                    "%s: is a folder without pictures; expected PNG, JPEG, PGM or PPM files in it, or a file",
                    folder);
    for (size_t i = 0; i < files.count && goes_on(p, status); i++) {
        int one = predict_picture(p, files.name[i], NULL);
        status = one != STATUS_SUCCESS ? one : status;
    }
    name_set_free(&unread);
    name_set_free(&files);
    return status;
}

/* ---- Archives ---- */

static bool holds_pictures(const char *path) {
    struct name_set members;
    bool found = false;
    if (!archive_detect(path) || archive_list(path, &members) != MINNOW_OK)
        return false;
    for (size_t i = 0; i < members.count && !found; i++)
        found = picture_is_member(members.name[i]);
    name_set_free(&members);
    return found;
}

struct unpacking {
    struct prediction *prediction;
    const char *path;
    int status;
};

static bool wants_member(void *context, const char *name) {
    (void)context;
    return picture_is_member(name);
}

/* What is told of a failure is told here; the status only ends the reading. */
static minnow_status take_member(void *context, const char *member, struct file_bytes *bytes) {
    struct unpacking *unpacking = context;
    char *name;
    if (asprintf(&name, "%s/%s", unpacking->path, member) < 0) {
        unpacking->status = problem(STATUS_FAILURE, "not enough memory for the name of a file");
        return MINNOW_ERROR_MEMORY;
    }
    struct byte_stream stream;
    stream_from_memory(name, bytes->data, bytes->size, &stream);
    int one = predict_picture(unpacking->prediction, name, &stream);
    stream_close(&stream);
    free(name);
    unpacking->status = one != STATUS_SUCCESS ? one : unpacking->status;
    return goes_on(unpacking->prediction, one) ? MINNOW_OK : MINNOW_ERROR_INPUT;
}

static int predict_archive(struct prediction *p, const char *path) {
    struct unpacking unpacking = {p, path, STATUS_SUCCESS};
    minnow_status status =
        archive_read(path, &(struct archive_reader){wants_member, take_member, &unpacking});
    if (status != MINNOW_OK && goes_on(p, unpacking.status))
        return report(status);
    return unpacking.status;
}

/* ---- All of them ---- */

static int predict_path(struct prediction *p, const char *path) {
    bool of_table = p->encoder != NULL && !p->encoder->bytes;
    if (!of_table && is_folder(path))
        return predict_folder(p, path);
    return !of_table && holds_pictures(path) ? predict_archive(p, path) : predict_file(p, path);
}

/* After an input that is bad the others have their turn, but for --strict. */
int predict_operands(struct prediction *p, const struct operands *operands) {
    if (operands->count == 0)
        return predict_file(p, "-");
    p->several = operands->count > 1;
    for (size_t i = 0; i < operands->count; i++)
        p->several = p->several || is_folder(operands->value[i]) || archive_detect(operands->value[i]);

    int status = STATUS_SUCCESS;
    for (size_t i = 0; i < operands->count && goes_on(p, status); i++) {
        int one = predict_path(p, operands->value[i]);
        status = one != STATUS_SUCCESS ? one : status;
    }
    return status;
}
