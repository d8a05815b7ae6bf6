/* Ensembles: the mean of their networks' outputs, everywhere; their files; and what they are not for. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "model/model.h"
#include "model_samples.h"
#include "net/ensemble.h"

TestSuite(ensemble, .init = scratch_make, .fini = scratch_remove);

enum { MEMBERS = 3, INPUTS = 7, OUTPUTS = 4, COUNT = 200 };
static const size_t SIZES[] = {INPUTS, 12, OUTPUTS};

static minnow_network *member_of(minnow_loss loss, uint64_t seed, const char *isa) {
    minnow_network_config config;
    minnow_network_config_init(&config, sizeof config);
    config.layer_sizes = SIZES;
    config.layer_count = 2;
    config.activation = MINNOW_ACTIVATION_TANH;
    config.loss = loss;
    config.seed = seed;
    config.isa = isa;
    minnow_network *network;
    cr_assert_eq(minnow_network_create(&config, &network), MINNOW_OK);
    return network;
}

static void make_members(minnow_loss loss, const char *isa, minnow_network *members[MEMBERS]) {
    for (uint64_t i = 0; i < MEMBERS; i++)
        members[i] = member_of(loss, i + 1, isa);
}

static minnow_network *join(minnow_network *const members[MEMBERS]) {
    const minnow_network *given[MEMBERS] = {members[0], members[1], members[2]};
    minnow_network *ensemble;
    cr_assert_eq(minnow_ensemble_create(given, MEMBERS, &ensemble), MINNOW_OK, "%s", minnow_last_error());
    return ensemble;
}

static minnow_network *make(minnow_loss loss, const char *isa) {
    minnow_network *members[MEMBERS];
    make_members(loss, isa, members);
    minnow_network *ensemble = join(members);
    for (size_t i = 0; i < MEMBERS; i++)
        minnow_network_free(members[i]);
    return ensemble;
}

/* Numbers from -2 to 2, of which every third is 0. */
static void make_inputs(float inputs[COUNT * INPUTS]) {
    uint32_t state = 1;
    for (size_t i = 0; i < COUNT * INPUTS; i++) {
        state = state * 1664525 + 1013904223;
        inputs[i] = i % 3 == 0 ? 0.0f : (float)(state >> 8) * 0x1p-22f - 2.0f;
    }
}

Test(ensemble, outputs_are_the_mean_for_every_loss) {
    float inputs[COUNT * INPUTS], whole[COUNT * OUTPUTS], one[COUNT * OUTPUTS];
    uint32_t labels[COUNT];
    make_inputs(inputs);
    for (size_t loss = 0; loss < loss_row_count; loss++) {
        minnow_network *members[MEMBERS];
        double mean[COUNT * OUTPUTS] = {0};
        make_members((minnow_loss)loss, "auto", members);
        for (size_t m = 0; m < MEMBERS; m++) {
            cr_assert_eq(minnow_network_predict(members[m], inputs, COUNT, NULL, one), MINNOW_OK);
            for (size_t i = 0; i < COUNT * OUTPUTS; i++)
                mean[i] += (double)one[i] / MEMBERS;
        }
        minnow_network *ensemble = join(members);
        cr_assert_eq(minnow_network_predict(ensemble, inputs, COUNT, labels, whole), MINNOW_OK);
        for (size_t i = 0; i < COUNT * OUTPUTS; i++)
            cr_assert_float_eq((double)whole[i], mean[i], 2e-6, "%s: %g, not %g", loss_rows[loss].name,
                               (double)whole[i], mean[i]);
        for (size_t i = 0; i < COUNT; i++)
            for (size_t o = 0; o < OUTPUTS; o++)
                cr_assert_leq(mean[i * OUTPUTS + o], mean[i * OUTPUTS + labels[i]] + 1e-6);
        minnow_network_free(ensemble);
        for (size_t m = 0; m < MEMBERS; m++)
            minnow_network_free(members[m]);
    }
}

Test(ensemble, its_loss_is_that_of_the_mean) {
    float inputs[COUNT * INPUTS], outputs[COUNT * OUTPUTS];
    uint32_t labels[COUNT];
    make_inputs(inputs);
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = (uint32_t)(i % OUTPUTS);
    minnow_dataset *dataset;
    cr_assert_eq(minnow_dataset_from_floats(inputs, labels, COUNT, INPUTS, OUTPUTS, &dataset), MINNOW_OK);
    minnow_network *ensemble = make(MINNOW_LOSS_SOFTMAX, "auto");
    cr_assert_eq(minnow_network_predict(ensemble, inputs, COUNT, NULL, outputs), MINNOW_OK);
    double loss = 0;
    for (size_t i = 0; i < COUNT; i++)
        loss -= log((double)outputs[i * OUTPUTS + labels[i]]) / COUNT;
    for (unsigned threads = 1; threads < 4; threads++) {
        minnow_evaluation evaluation;
        minnow_evaluation_init(&evaluation, sizeof evaluation);
        cr_assert_eq(minnow_network_evaluate(ensemble, dataset, threads, &evaluation, NULL), MINNOW_OK);
        cr_assert_float_eq(evaluation.loss, loss, 1e-5, "%g, not %g", evaluation.loss, loss);
    }
    minnow_network_free(ensemble);
    minnow_dataset_free(dataset);
}

Test(ensemble, the_same_bits_on_every_table) {
    float inputs[COUNT * INPUTS], first[COUNT * OUTPUTS], other[COUNT * OUTPUTS];
    make_inputs(inputs);
    for (size_t loss = 0; loss < loss_row_count; loss++)
        for (size_t t = 0; t < kernel_table_count; t++) {
            if (!kernels_usable(kernel_tables[t]))
                continue;
            minnow_network *ensemble = make((minnow_loss)loss, kernel_tables[t]->name);
            float *outputs = t == 0 ? first : other;
            cr_assert_eq(minnow_network_predict(ensemble, inputs, COUNT, NULL, outputs), MINNOW_OK);
            cr_assert_eq(memcmp(first, outputs, sizeof first), 0, "%s, %s", loss_rows[loss].name,
                         kernel_tables[t]->name);
            for (size_t i = 0; i < COUNT; i++) { /* one at a time */
                float one[OUTPUTS];
                cr_assert_eq(minnow_network_predict(ensemble, inputs + i * INPUTS, 1, NULL, one), MINNOW_OK);
                cr_assert_eq(memcmp(one, outputs + i * OUTPUTS, sizeof one), 0);
            }
            minnow_network_free(ensemble);
        }
}

Test(ensemble, a_file_holds_it_whole) {
    minnow_network *ensemble = make(MINNOW_LOSS_LOGISTIC, "auto"), *again;
    cr_assert_eq(minnow_network_set_metadata(ensemble, "note", "three"), MINNOW_OK);
    save(ensemble, scratch_path("net"));
    cr_assert_eq(minnow_network_load(scratch_path("net"), NULL, &again), MINNOW_OK, "%s",
                 minnow_last_error());
    cr_assert_eq(minnow_network_member_count(again), MEMBERS);
    cr_assert_eq(minnow_network_params_crc32(again), minnow_network_params_crc32(ensemble));
    cr_assert_str_eq(minnow_network_metadata(again, "note"), "three");
    float inputs[COUNT * INPUTS], a[COUNT * OUTPUTS], b[COUNT * OUTPUTS];
    make_inputs(inputs);
    cr_assert_eq(minnow_network_predict(ensemble, inputs, COUNT, NULL, a), MINNOW_OK);
    cr_assert_eq(minnow_network_predict(again, inputs, COUNT, NULL, b), MINNOW_OK);
    cr_assert_eq(memcmp(a, b, sizeof a), 0);
    cr_assert_eq(minnow_network_parameter_count(again), MEMBERS * ((INPUTS + 1) * 12 + 13 * OUTPUTS));
    minnow_network_free(ensemble);
    minnow_network_free(again);
}

Test(ensemble, damaged_files_are_refused) {
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"\"ensemble\":\"3\"", "\"ensemble\":\"4\"", "members.3.layers.0.weight does not match"},
        {"\"ensemble\":\"3\"", "\"ensemble\":\"2\"", "unexpected tensor \"members.2."},
        {"\"ensemble\":\"3\"", "\"ensemble\":\"1\"", "expected a number of networks, 2 to 256"},
        {"\"ensemble\":\"3\"", "\"ensemble\":\"x\"", "expected a number of networks, 2 to 256"},
        {"\"ensemble\":\"3\"", "\"Ensemble\":\"3\"", "unexpected tensor \"members.0."},
        {"members.1.layers.0.bias", "members.9.layers.0.bias", "unexpected tensor \"members.9."},
        {"members.1.layers.0.bias", "members.1.layers.7.bias", "members.1.layers.0.bias does not match"},
        {"members.0.layers.1.bias", "layers.1.bias.members.0",
         "unexpected tensor \"layers.1.bias.members.0\""},
        {"members.0.layers.1.bias", "members.layers.1.bias.0", "unexpected tensor"},
    };
    minnow_network *ensemble = make(MINNOW_LOSS_SOFTMAX, "auto"), *read;
    save(ensemble, scratch_path("net"));
    minnow_network_free(ensemble);
    size_t size;
    uint8_t *bytes = scratch_read(scratch_path("net"), &size);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *at = memmem(bytes, size, rows[i].from, strlen(rows[i].from));
        cr_assert_not_null(at, "%s", rows[i].from);
        memcpy(at, rows[i].to, strlen(rows[i].to));
        cr_assert_eq(safetensors_parse("F", bytes, size, "scalar", &read), MINNOW_ERROR_INPUT, "%s",
                     rows[i].to);
        cr_assert_not_null(strstr(minnow_last_error(), rows[i].message), "%s: %s", rows[i].to,
                           minnow_last_error());
        memcpy(at, rows[i].from, strlen(rows[i].from));
    }
    bytes[size - 1] ^= 1; /* of the last member's last bias */
    cr_assert_eq(safetensors_parse("F", bytes, size, "scalar", &read), MINNOW_ERROR_INPUT);
    cr_assert_not_null(strstr(minnow_last_error(), "the file is damaged"), "%s", minnow_last_error());
    free(bytes);
}

Test(ensemble, what_takes_one_network_refuses_it) {
    minnow_network *ensemble = make(MINNOW_LOSS_SOFTMAX, "auto"),
                   *other = member_of(MINNOW_LOSS_LOGISTIC, 1, "auto");
    minnow_network *made;
    const minnow_network *nested[] = {ensemble, ensemble},
                         *mixed[] = {minnow_network_member(ensemble, 1), other};
    cr_assert_eq(minnow_ensemble_create(nested, 2, &made), MINNOW_ERROR_ARGUMENT);
    cr_assert_not_null(strstr(minnow_last_error(), "network 0 of the ensemble is an ensemble itself"));
    cr_assert_eq(minnow_ensemble_create(mixed, 2, &made), MINNOW_ERROR_ARGUMENT);
    cr_assert_not_null(strstr(minnow_last_error(), "another loss"));
    cr_assert_eq(minnow_ensemble_create(mixed, 1, &made), MINNOW_ERROR_ARGUMENT);

    float inputs[COUNT * INPUTS];
    uint32_t labels[COUNT] = {0};
    make_inputs(inputs);
    minnow_dataset *dataset;
    minnow_trainer *trainer;
    minnow_training_config config;
    minnow_trace trace;
    minnow_training_config_init(&config, sizeof config);
    minnow_trace_init(&trace, sizeof trace);
    cr_assert_eq(minnow_dataset_from_floats(inputs, labels, COUNT, INPUTS, OUTPUTS, &dataset), MINNOW_OK);
    cr_assert_eq(minnow_trainer_create(ensemble, dataset, &config, &trainer), MINNOW_ERROR_ARGUMENT);
    cr_assert_str_eq(minnow_last_error(), "training takes one network; this is an ensemble of 3");
    cr_assert_eq(minnow_network_trace(ensemble, inputs, &trace), MINNOW_ERROR_ARGUMENT);
    cr_assert_eq(minnow_network_save_c(ensemble, scratch_path("x.h"), NULL, true), MINNOW_ERROR_ARGUMENT);
    minnow_dataset_free(dataset);
    minnow_network_free(ensemble);
    minnow_network_free(other);
}
