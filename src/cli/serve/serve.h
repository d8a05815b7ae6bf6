/* The parts of minnow serve: what is served (served.c), what a request's body becomes (body.c), predictions of many
   requests at once (batch.c), and what is answered (answer.c). http.h has what listens. */
#ifndef MINNOW_CLI_SERVE_SERVE_H
#define MINNOW_CLI_SERVE_SERVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/serve/http.h"
#include "data/formats/format.h"
#include "data/table/encoder.h"
#include "minnow/minnow.h"

/* ---- What is served ---- */

/* A network and how it takes its inputs. It does not change while it is served, so that any thread may read it. */
struct served {
    const minnow_network *network;
    const char *path;
    size_t features, outputs, layers;
    struct sample_form form; /* what bytes and pictures become */
    struct encoder *encoder; /* of a network that was trained on a table; or NULL */
    json_t *names;           /* a string for each class; or NULL */
    struct text description; /* the answer to GET /model */
    struct text page;        /* and to GET /, which holds the description */
};

/* Reads what the network's file says of its inputs. The network stays the caller's and must outlive `out`, which
   served_free releases, also after a failure. Returns 0 or, having said why, an exit status. */
int served_begin(const minnow_network *network, const char *path, struct served *out);
void served_free(struct served *served);
bool served_numbers(const struct served *served); /* whether it predicts a number, not a class */
/* Its routes. `guarded`: see struct site. */
struct site served_site(const struct served *served, bool guarded);

/* ---- Bodies ---- */

/* What a request asks of: samples, and room for what the network makes of them. */
struct samples {
    size_t count;
    float *values;   /* [count][features] */
    uint32_t *label; /* [count] */
    float *output;   /* [count][outputs] */
};
void samples_free(struct samples *samples);

enum {
    SAMPLES_MOST = 4096,          /* of one request */
    SAMPLE_VALUES_MOST = 1 << 24, /* of all its samples: 64 MiB */
};

/* Samples of a body: of JSON (`is_json`), {"rows": [...]} or {"pixels": [...]} or a list of rows; else a file of any
   kind that minnow predict reads, a table if the network was trained on one. At least one. Errors: INPUT, MEMORY. */
minnow_status body_read(const struct served *served, bool is_json, const uint8_t *bytes, size_t size,
                        struct samples *out);

/* ---- Predictions ---- */

/* One request's samples, while they wait for their turn. */
struct job {
    struct job *next;
    struct samples *samples;
    minnow_status status;
    void (*done)(struct job *job); /* called by the batch's thread, which does not touch the job afterwards */
};

/* A thread that predicts all jobs that are waiting, at once: one product of matrices reads the weights once for all. */
struct batch;
minnow_status batch_start(const struct served *served, unsigned threads, struct batch **out);
/* False: the batch has ended, and nothing becomes of the job. */
bool batch_add(struct batch *batch, struct job *job);
/* Ends the thread, after all jobs that were added. Others may still try to add some. */
void batch_end(struct batch *batch);
/* Of a batch that has ended, when nobody adds to it any more. Accepts NULL. */
void batch_free(struct batch *batch);

/* ---- Answers ---- */

/* {"predictions": [...]}, and with `detail`, of the first sample, what the network sees and, unless it is an ensemble, each
   layer's activations. */
minnow_status answer_predictions(const struct served *served, const struct samples *samples, bool detail,
                                 struct text *out);
/* {"error": message} */
minnow_status answer_error(const char *message, struct text *out);

#endif
