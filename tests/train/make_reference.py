#!/usr/bin/env python3
"""An independent training run in double precision: writes reference.h, which test_reference.c compares with.

    python3 tests/train/make_reference.py > tests/train/reference.h

Starting weights, inputs and labels come from a small generator that both sides implement, so only the results are kept.
Plain Python, with lists for vectors and lists of rows for matrices: there are only 170 parameters.
"""
import math
import textwrap

LAYERS = [10, 8, 6, 4]
SAMPLES, BATCH, STEPS, RATE = 160, 16, 100, 0.25


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def normal_density(z):
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def normal_distribution(z):
    return (1 + math.erf(z / math.sqrt(2))) / 2


# Of each activation, in the order of enum minnow_activation: its value and its derivative at z.
ACTIVATIONS = {
    "relu": (lambda z: max(z, 0.0), lambda z: 1.0 if z > 0 else 0.0),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
    "identity": (lambda z: z, lambda z: 1.0),
    "leaky_relu": (lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "gelu": (lambda z: z * normal_distribution(z), lambda z: normal_distribution(z) + z * normal_density(z)),
    "silu": (lambda z: z * sigmoid(z), lambda z: sigmoid(z) * (1 + z * (1 - sigmoid(z)))),
    "scaled_tanh": (lambda z: 1.7159 * math.tanh(2 * z / 3),
                    lambda z: 1.7159 * 2 / 3 * (1 - math.tanh(2 * z / 3) ** 2)),
}
LOSSES = ["softmax", "logistic", "quadratic"]


class Generator:
    """x <- 1664525 x + 1013904223 mod 2^32; its upper 24 bits as a multiple of 2^-24, exact in float."""

    def __init__(self, seed):
        self.state = seed

    def unit(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return (self.state >> 8) / 2**24

    def row(self, columns, shift=0.0):
        return [self.unit() - shift for _ in range(columns)]

    def rows(self, rows, columns, shift=0.0):
        return [self.row(columns, shift) for _ in range(rows)]


def output_delta(loss, z, label):
    """The loss's derivative by each logit of one sample."""
    onehot = [1.0 if j == label else 0.0 for j in range(len(z))]
    if loss == "softmax":
        total = sum(math.exp(value - max(z)) for value in z)
        return [math.exp(value - max(z)) / total - y for value, y in zip(z, onehot)]
    a = [sigmoid(value) for value in z]
    if loss == "logistic":
        return [value - y for value, y in zip(a, onehot)]
    return [(value - y) * value * (1 - value) for value, y in zip(a, onehot)]


def forward(weights, biases, activate, x):
    """Each layer's inputs, and each layer's weighted sums."""
    inputs, sums = [], []
    for w, b in zip(weights, biases):
        inputs.append(x)
        sums.append([bias + sum(value * row[j] for value, row in zip(x, w)) for j, bias in enumerate(b)])
        x = [activate(z) for z in sums[-1]]
    return inputs, sums


def backward(weights, derivative, sums, delta):
    """Each layer's derivatives by its weighted sums, from the last layer's."""
    deltas = [delta]
    for w, z in zip(reversed(weights[1:]), reversed(sums[:-1])):
        deltas.insert(0, [sum(d * value for d, value in zip(deltas[0], row)) * derivative(at)
                          for row, at in zip(w, z)])
    return deltas


def step(weights, biases, functions, loss, batch):
    """One update by the mean gradient over (inputs, label) pairs."""
    runs = []
    for x, label in batch:
        inputs, sums = forward(weights, biases, functions[0], x)
        runs.append((inputs, backward(weights, functions[1], sums, output_delta(loss, sums[-1], label))))
    rate = RATE / len(batch)
    for layer, (w, b) in enumerate(zip(weights, biases)):
        for j in range(len(b)):
            b[j] -= rate * sum(deltas[layer][j] for _, deltas in runs)
            for i, row in enumerate(w):
                row[j] -= rate * sum(inputs[layer][i] * deltas[layer][j] for inputs, deltas in runs)


def train(activation, loss):
    generator = Generator(12345)
    weights = [generator.rows(i, o, 0.5) for i, o in zip(LAYERS, LAYERS[1:])]
    biases = [generator.row(o, 0.5) for o in LAYERS[1:]]
    inputs = generator.rows(SAMPLES, LAYERS[0])
    labels = [int(generator.unit() * LAYERS[-1]) for _ in range(SAMPLES)]
    samples = list(zip(inputs, labels))
    for at in range(0, STEPS * BATCH, BATCH):
        step(weights, biases, ACTIVATIONS[activation], loss, samples[at % SAMPLES:at % SAMPLES + BATCH])
    return [value for w, b in zip(weights, biases) for row in (*w, b) for value in row]


def literal(value):
    """Six digits: the test allows a relative difference of 1e-4."""
    text = "%.6g" % value
    return text if "." in text or "e" in text else text + ".0"


def main():
    count = sum((i + 1) * o for i, o in zip(LAYERS, LAYERS[1:]))
    print("/* clang-format off */")
    print("/* Made by make_reference.py: parameters after training in double precision, layer by layer, weights before")
    print("   biases. Do not edit. */")
    print("enum { SAMPLES = %d, BATCH = %d, STEPS = %d };" % (SAMPLES, BATCH, STEPS))
    print("static const double rate = %r;" % RATE)
    print("static const size_t layer_sizes[] = {%s};" % ", ".join(map(str, LAYERS)))
    print("static const struct reference {")
    print("    minnow_activation activation;\n    minnow_loss loss;\n    double parameters[%d];" % count)
    print("} references[] = {")
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            print("    {MINNOW_ACTIVATION_%s,\n     MINNOW_LOSS_%s,\n     {" % (activation.upper(), loss.upper()))
            values = ", ".join(map(literal, train(activation, loss)))
            print(textwrap.fill(values, 118, initial_indent="      ", subsequent_indent="      ") + "}},")
    print("};")


main()
