/* The parts of minnow predict. */
#ifndef MINNOW_CLI_PREDICT_PREDICT_H
#define MINNOW_CLI_PREDICT_PREDICT_H

#include <jansson.h>
#include <stdatomic.h>

#include "cli/command.h"
#include "cli/inputs/model_file.h"
#include "cli/inputs/table_source.h"
#include "data/formats/format.h"
#include "data/inputs.h"

struct predict_settings {
    const char *model;
    struct model_form form;
    const char *id; /* --id, or NULL */
    bool strict, show, no_normalise;
    int format;
    struct table_reading reading;
};

enum predict_format { FORMAT_TEXT, FORMAT_CSV };

struct prediction {
    const minnow_network *network;
    const struct common_options *common;
    const struct predict_settings *settings;
    size_t features, classes;
    bool several;            /* there are several files, so that each is named */
    struct sample_form form; /* what inputs become */
    json_t *names;           /* a string per class; or NULL */
    struct encoder *encoder; /* of a network that was trained on a table; or NULL */
    bool predicts_number;    /* and not a class */
    bool header_told;        /* of CSV */
    size_t batch, count;
    float *values;        /* [batch][features], of which `count` are filled, as of the next two */
    uint32_t *labels;     /* [batch] */
    float *probabilities; /* [batch][classes] */
    atomic_bool failed;
};

/* One file, a picture of an archive, or standard input. */
struct prediction_source {
    const char *name;
    char *quoted; /* the name as JSON */
    struct inputs *inputs;
    size_t next;         /* number of the sample that is read next */
    size_t bad;          /* how many of those before it were bad */
    char *first_fault;   /* what was wrong with the first of them */
    struct table *table; /* what the samples are rows of, or NULL */
    bool range_told;     /* that its values are far beyond those of training */
    size_t id;           /* its column that names the rows, if there is one */
    bool picture;        /* one, which goes by the file's name */
    bool from_set;       /* and nothing else, as it is of a folder or an archive of them */

    struct byte_stream *bytes;        /* what is read, where it is no file; or NULL */
    const struct sample_stream *rows; /* of the table */
};

/* ---- predict.c ---- */

/* Predicts what a file holds, or standard input for "-". Returns an exit status. */
int predict_file(struct prediction *prediction, const char *path);

/* Predicts a picture of a folder or an archive: the file of that name or, where `bytes` is not NULL, they. Returns an exit
   status. */
int predict_picture(struct prediction *prediction, const char *name, struct byte_stream *bytes);

/* ---- paths.c ---- */

/* Predicts all files that the operands name, in their order: files, and the pictures of folders and of archives. */
int predict_operands(struct prediction *prediction, const struct operands *operands);

/* ---- tell.c ---- */

/* A text as JSON, from malloc; NULL when there is no memory. */
char *tell_quote(const char *text);
/* The results of the samples that were predicted. Returns 0 or, if they could not be written, an exit status. */
int tell_batch(struct prediction *prediction, const struct prediction_source *source);
/* What is wrong with a sample or, where there is no index, with a file. */
void tell_fault_as_json(const struct prediction *prediction, const struct prediction_source *source,
                        const size_t *index, const char *fault);
/* Among rows of CSV, one without a prediction; what is wrong goes to standard error. */
void tell_fault_as_csv(struct prediction *prediction, const struct prediction_source *source,
                       const char *fault);
/* A row without a prediction for a picture that cannot be read. */
void tell_no_picture_as_csv(struct prediction *prediction, const struct prediction_source *source);
void tell_fault_as_text(const struct prediction *prediction, const struct prediction_source *source,
                        const char *fault);

#endif
