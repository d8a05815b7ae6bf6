#include "net/activations.h"

#include <string.h>

/* erf(x) by formula 7.1.26 of Abramowitz & Stegun, Handbook of Mathematical Functions: within 1.5e-7. */
static const char c_erf[] =
    "\n/* erf(x) within 1.5e-7 (Abramowitz & Stegun, 7.1.26). */\n"
    "static inline float $_erf(float x) {\n"
    "    float a = x < 0.0f ? -x : x, t = 1.0f / (1.0f + 0.3275911f * a);\n"
    "    float p = 1.421413741f + t * (-1.453152027f + t * 1.061405429f);\n"
    "    float y = 1.0f - t * (0.254829592f + t * (-0.284496736f + t * p)) * $_exp(-a * a);\n"
    "    return x < 0.0f ? -y : y;\n"
    "}\n";

const struct activation_row activation_rows[] = {
    [MINNOW_ACTIVATION_RELU] = {.name = "relu",
                                .help = "max(z, 0)",
                                .kernel = ACTIVATION_RELU,
                                .gain = 2.0,
                                .onnx = {{.op = "Relu"}},
                                .c_source = {.text = "z > 0.0f ? z : 0.0f"}},
    [MINNOW_ACTIVATION_SIGMOID] = {.name = "sigmoid",
                                   .help = "1 / (1 + e^-z)",
                                   .kernel = ACTIVATION_SIGMOID,
                                   .gain = 1.0,
                                   .onnx = {{.op = "Sigmoid"}},
                                   .c_source = {.text = "1.0f / (1.0f + $_exp(-z))"}},
    [MINNOW_ACTIVATION_TANH] = {.name = "tanh",
                                .help = "tanh z",
                                .kernel = ACTIVATION_TANH,
                                .gain = 1.0,
                                .onnx = {{.op = "Tanh"}},
                                .c_source = {.text = "1.0f - 2.0f / (1.0f + $_exp(2.0f * z))"}},
    [MINNOW_ACTIVATION_IDENTITY] = {.name = "identity",
                                    .help = "z",
                                    .kernel = ACTIVATION_IDENTITY,
                                    .gain = 1.0,
                                    .onnx = {{.op = "Identity"}},
                                    .c_source = {.text = "z"}},
    [MINNOW_ACTIVATION_LEAKY_RELU] =
        {.name = "leaky_relu",
         .help = "z for z > 0, else 0.01 z",
         .kernel = ACTIVATION_LEAKY_RELU,
         .gain = 2.0,
         .onnx = {{.op = "LeakyRelu", .float_name = "alpha", .float_value = 0.01F}},
         .c_source = {.text = "z > 0.0f ? z : 0.01f * z"}},
    [MINNOW_ACTIVATION_GELU] = {.name = "gelu",
                                .help = "z Phi(z) = z (1 + erf(z / sqrt 2)) / 2",
                                .kernel = ACTIVATION_GELU,
                                .gain = 2.0,
                                .onnx = {{.op = "Mul", .second = ONNX_NUMBER, .number = 0.707106781F},
                                         {.op = "Erf"},
                                         {.op = "Add", .second = ONNX_NUMBER, .number = 1.0F},
                                         {.op = "Mul", .second = ONNX_SUM},
                                         {.op = "Mul", .second = ONNX_NUMBER, .number = 0.5F}},
                                .c_source = {.text = "0.5f * z * (1.0f + $_erf(0.707106781f * z))",
                                             .helper = c_erf}},
    [MINNOW_ACTIVATION_SILU] = {.name = "silu",
                                .help = "z / (1 + e^-z)",
                                .kernel = ACTIVATION_SILU,
                                .gain = 2.0,
                                .onnx = {{.op = "Sigmoid"}, {.op = "Mul", .second = ONNX_SUM}},
                                .c_source = {.text = "z / (1.0f + $_exp(-z))"}},
    [MINNOW_ACTIVATION_SCALED_TANH] = {.name = "scaled_tanh",
                                       .help = "1.7159 tanh(2z/3)",
                                       .kernel = ACTIVATION_SCALED_TANH,
                                       .gain = 1.0,
                                       .onnx = {{.op = "Mul", .second = ONNX_NUMBER, .number = 2.0F / 3.0F},
                                                {.op = "Tanh"},
                                                {.op = "Mul", .second = ONNX_NUMBER, .number = 1.7159F}},
                                       .c_source = {.text = "1.7159f * (1.0f - 2.0f / (1.0f + $_exp(4.0f / "
                                                            "3.0f * z)))"}},
};
const size_t activation_row_count = sizeof activation_rows / sizeof *activation_rows;

const struct activation_row *activation_row(minnow_activation activation) {
    return (size_t)activation < activation_row_count ? &activation_rows[activation] : NULL;
}

bool activation_find(const char *name, size_t length, minnow_activation *out) {
    for (size_t i = 0; i < activation_row_count; i++)
        if (strlen(activation_rows[i].name) == length && memcmp(activation_rows[i].name, name, length) == 0) {
            *out = (minnow_activation)i;
            return true;
        }
    return false;
}
