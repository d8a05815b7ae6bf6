/* A damaged checkpoint is refused, or the damage is without effect. */
#include <criterion/criterion.h>
#include <string.h>

#include "model/model.h"
#include "runs.h"
#include "support/scratch.h"

TestSuite(checkpoint_damage, .init = scratch_make, .fini = scratch_remove);

struct damage {
    const minnow_dataset *dataset;
    const struct outcome *expected;
    size_t accepted;
};

/* Refused in one line, or without effect. */
static void expect_harmless(struct damage *damage, const uint8_t *bytes, size_t size, size_t place) {
    struct session session;
    minnow_network *network;
    minnow_status status = safetensors_parse("damaged", bytes, size, "scalar", &network);
    if (status == MINNOW_OK)
        status = runs_go_on(network, damage->dataset, 1, MINNOW_SPARSITY_AUTO, &session);
    if (status != MINNOW_OK) {
        cr_assert(minnow_last_error()[0] != '\0' && strchr(minnow_last_error(), '\n') == NULL);
        return;
    }
    struct outcome outcome = *damage->expected; /* of the epochs before */
    runs_to_end(&session, &outcome);
    runs_end(&session);
    char what[64];
    snprintf(what, sizeof what, "damage at %zu", place);
    runs_expect_same(&outcome, damage->expected, what);
    damage->accepted++;
}

static const struct problem tiny = {
    {3, 2, 2}, 2, 20, 4, MINNOW_ACTIVATION_RELU, MINNOW_LOSS_SOFTMAX, MINNOW_SCHEDULE_LINEAR, 0, true, 0};

/* Every `step`th bit is flipped. */
static void check_damage(size_t step) {
    minnow_dataset *dataset = runs_data(&tiny);
    struct outcome expected = runs_uninterrupted(&tiny, dataset), outcome;
    struct session session = runs_start(&tiny, dataset);
    runs_advance(&session, 0, &outcome);
    runs_advance(&session, 8, &outcome);
    cr_assert_eq(minnow_trainer_save(session.trainer, scratch_path("whole")), MINNOW_OK);
    runs_end(&session);
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path("whole"), &size);
    struct damage damage = {dataset, &expected, 0};
    expect_harmless(&damage, bytes, size, 0);
    cr_assert_eq(damage.accepted, 1, "undamaged: %s", minnow_last_error());
    for (size_t cut = 0; cut < size; cut++)
        expect_harmless(&damage, bytes, cut, cut);
    cr_assert_eq(damage.accepted, 1, "a truncated checkpoint was accepted");
    for (size_t bit = 0; bit < 8 * size; bit += step) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        expect_harmless(&damage, bytes, size, bit / 8);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    /* In the version that wrote it and the scale of pixels, which do not concern training. */
    cr_assert_lt(damage.accepted, 200);
    free(bytes);
    minnow_dataset_free(dataset);
}

Test(checkpoint_damage, damage_is_refused_or_without_effect) {
    check_damage(1);
}

/* With both moments and the average. */
Test(checkpoint_damage, damage_beside_the_parameters_is_too) {
    runs_way = 5;
    check_damage(7);
    runs_way = 0;
}
