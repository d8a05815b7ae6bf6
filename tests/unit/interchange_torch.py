#!/usr/bin/env python3
"""Networks between minnow and PyTorch: each loads the other's safetensors file into layers of its own kind, and gives the
same labels and, within 1e-5, the same probabilities. Usage: interchange_torch.py MINNOW. Skipped (77) without the
packages."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
    from safetensors.torch import load_file, save_file
except ImportError as problem:
    print(f"skipped: {problem}; pip install torch numpy safetensors")
    sys.exit(77)

MINNOW = os.path.abspath(sys.argv[1])
TOLERANCE = 1e-5
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid}


def run(*arguments):
    return subprocess.run([MINNOW, *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True).stdout


def module(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return torch.nn.Sequential(*layers[:-1])


def probabilities(network, features, loss):
    with torch.no_grad():
        logits = network(torch.from_numpy(features))
        return (torch.softmax(logits, 1) if loss == "softmax" else torch.sigmoid(logits)).numpy()


def compare(theirs, model, images, *form):
    lines = [json.loads(line) for line in run("predict", "--json", "--model", model, images, *form).splitlines()]
    ours = numpy.array([line["probabilities"] for line in lines])
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    labels = numpy.array([line["label"] for line in lines])
    lacking = theirs.max(1) - numpy.take_along_axis(theirs, labels[:, None], 1)[:, 0]
    assert lacking.max() <= TOLERANCE, f"{model}: labels differ, and not by a draw"
    worst = float(abs(ours - theirs).max())
    assert worst <= TOLERANCE, f"{model}: probabilities differ by {worst}"
    return worst


def check_ours(features, images, hidden, activation, loss):
    """A file of minnow's into nn.Sequential."""
    run("train", "--data", "data", "--epochs", "1", "--hidden", hidden, "--activation", activation, "--loss", loss,
        "--save", "ours")
    sizes = [784, *map(int, hidden.split(",")), 10]
    network = module(sizes, activation)
    tensors = load_file("ours")
    network.load_state_dict({name.replace(f"layers.{i}.", f"{2 * i}."): tensors[name]
                             for i in range(len(sizes) - 1) for name in tensors if name.startswith(f"layers.{i}.")})
    return compare(probabilities(network, features, loss), "ours", images)


def check_theirs(features, images, hidden, activation, loss):
    """A state_dict into minnow, as it is: 0.weight, 0.bias, 2.weight and so on."""
    network = module([784, *map(int, hidden.split(",")), 10], activation)
    save_file(network.state_dict(), "theirs", {"format": "pt"})
    return compare(probabilities(network, features, loss), "theirs", images, "--activation", activation, "--loss", loss)


def main():
    torch.manual_seed(1)
    run("convert", "digits", "data")
    images, worst = "data/t10k-images-idx3-ubyte", 0.0
    with open(images, "rb") as file:
        pixels = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 784)
    features = pixels.astype(numpy.float32) / 256
    for form in ("128,64", "relu", "softmax"), ("40", "tanh", "logistic"), ("16,16", "sigmoid", "quadratic"):
        worst = max(worst, check_ours(features, images, *form), check_theirs(features, images, *form))
    print(f"3 networks each way, {len(pixels)} images: the same labels, probabilities within {worst:.1e}")


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    main()
