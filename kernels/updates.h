/*
 * The list of update rules: what an update does with a gradient. The enumerators, the switches of both back ends
 * and the tests follow from it: a new rule is a row here, its function in scalar/updates.c and the same one in
 * vector/updates.inc (kernels/README.md).
 */
#ifndef MINNOW_UPDATES_H
#define MINNOW_UPDATES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * X(NAME, name, MOMENTS): what is kept beside each weight. NONE; FIRST: a mean of gradients; SECOND: a mean of
 * their squares; BOTH.
 *
 * PLAIN is gradient descent and no more: it alone may leave rows alone whose gradient is 0, and it alone runs in
 * the epilogue of the products. STORE puts the gradient itself in the weight's place. All others follow the
 * sequence that kernels/README.md gives.
 */
#define EACH_UPDATE(X)                                                                                       \
    X(PLAIN, plain, NONE)                                                                                    \
    X(STORE, store, NONE)                                                                                    \
    X(DECAYING, decaying, NONE)                                                                              \
    X(MOMENTUM, momentum, FIRST)                                                                             \
    X(NESTEROV, nesterov, FIRST)                                                                             \
    X(RMSPROP, rmsprop, SECOND)                                                                              \
    X(ADAM, adam, BOTH)

#define UPDATE_ENUMERATOR(NAME, name, moments) UPDATE_##NAME,
enum update_rule { EACH_UPDATE(UPDATE_ENUMERATOR) };
#undef UPDATE_ENUMERATOR

/* A macro rather than an enumerator, so that a switch over all rules needs no case for it. */
#define UPDATE_ONE_MORE(NAME, name, moments) +1
#define UPDATE_COUNT (0 EACH_UPDATE(UPDATE_ONE_MORE))

/* A rule and its constants for one mini-batch. PLAIN reads the rate alone, STORE nothing, and the others what
   their sequence names. */
struct update {
    enum update_rule rule;
    float rate;
    float clip;          /* factor of the gradient; 1: as it is */
    float l2;            /* share of the weight that is added to the gradient */
    float decay;         /* share of the weight that is lost, whatever the gradient */
    float momentum;      /* share of the first moment that is kept */
    float first_share;   /* of the gradient in the first moment, for ADAM */
    float second_kept;   /* share of the second moment that is kept */
    float second_share;  /* of the gradient's square in it */
    float epsilon;       /* added to the second moment's root */
    float average_share; /* of the new weight in the running average */
};

/* Weights [k][n] under training and what is kept beside them, all with `ld` floats between rows. */
struct trained {
    float *w;
    float *first, *second; /* moments; NULL where the rule keeps none */
    float *average;        /* of the weights, over the steps; NULL: none is kept. PLAIN and STORE ignore it */
    size_t ld;
};

/* The same from the element at `offset` on. */
static inline struct trained trained_at(const struct trained *trained, size_t offset) {
    return (struct trained){
        .w = trained->w + offset,
        .first = trained->first != NULL ? trained->first + offset : NULL,
        .second = trained->second != NULL ? trained->second + offset : NULL,
        .average = trained->average != NULL ? trained->average + offset : NULL,
        .ld = trained->ld,
    };
}

/* Which moments a rule keeps. */
static inline bool update_keeps_first(enum update_rule rule) {
    enum { NONE, FIRST, SECOND, BOTH };
    switch (rule) {
#define UPDATE_CASE(NAME, name, moments)                                                                     \
    case UPDATE_##NAME:                                                                                      \
        return moments == FIRST || moments == BOTH;
        EACH_UPDATE(UPDATE_CASE)
#undef UPDATE_CASE
    }
    return false;
}

static inline bool update_keeps_second(enum update_rule rule) {
    enum { NONE, FIRST, SECOND, BOTH };
    switch (rule) {
#define UPDATE_CASE(NAME, name, moments)                                                                     \
    case UPDATE_##NAME:                                                                                      \
        return moments == SECOND || moments == BOTH;
        EACH_UPDATE(UPDATE_CASE)
#undef UPDATE_CASE
    }
    return false;
}

#endif
