#!/usr/bin/env python3
"""An independent training run in numpy, in double precision: writes reference.h, which test_reference.c compares with.

    python3 tests/train/make_reference.py > tests/train/reference.h

Starting weights, inputs and labels come from a small generator that both sides implement, so only the results are kept.
"""
import numpy as np

LAYERS = [10, 8, 6, 4]
SAMPLES, BATCH, STEPS, RATE = 160, 16, 100, 0.25
ACTIVATIONS = ["relu", "sigmoid", "tanh"]
LOSSES = ["softmax", "logistic", "quadratic"]


class Generator:
    """x <- 1664525 x + 1013904223 mod 2^32; its upper 24 bits as a multiple of 2^-24, exact in float."""

    def __init__(self, seed):
        self.state = seed

    def unit(self):
        self.state = (1664525 * self.state + 1013904223) % 2**32
        return (self.state >> 8) / 2**24

    def array(self, *shape):
        return np.array([self.unit() for _ in range(int(np.prod(shape)))]).reshape(shape)


def activate(name, z):
    if name == "relu":
        return np.where(z > 0, z, 0.0)
    return np.tanh(z) if name == "tanh" else 1 / (1 + np.exp(-z))


def derivative(name, y):
    if name == "relu":
        return (y > 0).astype(float)
    return 1 - y * y if name == "tanh" else y * (1 - y)


def output_delta(loss, z, onehot):
    if loss == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True) - onehot
    a = 1 / (1 + np.exp(-z))
    return a - onehot if loss == "logistic" else (a - onehot) * a * (1 - a)


def train(activation, loss):
    generator = Generator(12345)
    weights = [generator.array(i, o) - 0.5 for i, o in zip(LAYERS, LAYERS[1:])]
    biases = [generator.array(o) - 0.5 for o in LAYERS[1:]]
    inputs = generator.array(SAMPLES, LAYERS[0])
    labels = np.array([int(generator.unit() * LAYERS[-1]) for _ in range(SAMPLES)])
    for step in range(STEPS):
        at = step * BATCH % SAMPLES
        y = [inputs[at : at + BATCH]]
        onehot = np.eye(LAYERS[-1])[labels[at : at + BATCH]]
        for layer, (w, b) in enumerate(zip(weights, biases)):
            z = y[-1] @ w + b
            y.append(activate(activation, z) if layer + 1 < len(weights) else z)
        delta = output_delta(loss, y[-1], onehot) / BATCH
        for layer in reversed(range(len(weights))):
            back = delta @ weights[layer].T
            weights[layer] = weights[layer] - RATE * (y[layer].T @ delta)
            biases[layer] = biases[layer] - RATE * delta.sum(axis=0)
            if layer > 0:
                delta = back * derivative(activation, y[layer])
    return np.concatenate([part.ravel() for w, b in zip(weights, biases) for part in (w, b)])


def main():
    print("/* clang-format off */")
    print("/* Made by make_reference.py: parameters after training in double precision, layer by layer, weights before")
    print("   biases. Do not edit. */")
    print("enum { SAMPLES = %d, BATCH = %d, STEPS = %d };" % (SAMPLES, BATCH, STEPS))
    print("static const double rate = %r;" % RATE)
    print("static const size_t layer_sizes[] = {%s};" % ", ".join(map(str, LAYERS)))
    print("static const struct reference {")
    print("    minnow_activation activation;\n    minnow_loss loss;\n    double parameters[%d];" % train("relu", "softmax").size)
    print("} references[] = {")
    for activation in ACTIVATIONS:
        for loss in LOSSES:
            values = ["%.9g" % v for v in train(activation, loss)]
            values = [v if "." in v or "e" in v else v + ".0" for v in values]
            print("    {MINNOW_%s,\n     MINNOW_%s,\n     {" % (activation.upper(), loss.upper()), end="")
            lines = [", ".join(values[i : i + 8]) for i in range(0, len(values), 8)]
            print((",\n      ").join(lines) + "}},")
    print("};")


main()
