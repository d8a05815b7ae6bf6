"""What all contestants are given: the data as plain bytes, the starting parameters, and the sizes of the work."""
import array
import gzip
import math
import os
import random
import struct

SUBSETS = {"train": "train", "test": "t10k"}


class Failure(Exception):
    """To be told in one line."""


DECAY = 0.01  # of AdamW: PyTorch's default, of weights alone


class Job:
    def __init__(self, sizes, batch, rate, loss, shuffle, threads, optimizer="sgd", dropout=0.0):
        self.sizes, self.batch, self.rate, self.loss = sizes, batch, rate, loss
        self.shuffle, self.threads, self.optimizer = shuffle, threads, optimizer
        self.dropout = dropout  # share of the hidden units that are left out

    @property
    def name(self):
        return "-".join(map(str, self.sizes))

    def arguments(self, folder, sparse):
        """As native.h and worker.py read them."""
        return [folder, ",".join(map(str, self.sizes)), str(self.batch), repr(self.rate), self.loss,
                str(int(self.shuffle)), str(self.threads), sparse, self.optimizer, repr(self.dropout)]

    def train_options(self, epochs, sparse):
        """The same job for `minnow train`."""
        options = ["--hidden", ",".join(map(str, self.sizes[1:-1])), "--batch", str(self.batch), "--lr",
                   repr(self.rate), "--schedule", "constant", "--epochs", str(epochs), "--threads",
                   str(self.threads), "--sparse", sparse, "--loss", self.loss]
        if self.optimizer == "adamw":
            options += ["--optimizer", "adamw", "--weight-decay", repr(DECAY)]
        if self.dropout:
            options += ["--dropout", repr(self.dropout)]
        return options + ["--activation", "sigmoid" if self.loss == "quadratic" else "relu"]

    def dense_flops(self):
        """Of one training sample: forward, weight gradient and input gradient are 2 per weight each, but the first
        layer needs no input gradient."""
        weights = [inputs * outputs for inputs, outputs in zip(self.sizes, self.sizes[1:])]
        return 6 * sum(weights) - 2 * weights[0]

    def write_start(self, folder):
        """He's initialisation for relu; N(0, 1) for sigmoids, as the original program has it."""
        draw = random.Random(1)
        with open(os.path.join(folder, "start.floats"), "wb") as file:
            for inputs, outputs in zip(self.sizes, self.sizes[1:]):
                wide = self.loss == "quadratic"
                deviation = 1.0 if wide else math.sqrt(2.0 / inputs)
                array.array("f", (draw.gauss(0, deviation) for _ in range(inputs * outputs))).tofile(file)
                array.array("f", (draw.gauss(0, 1) if wide else 0.0 for _ in range(outputs))).tofile(file)


def read_idx(folder, name, magic):
    """The dimensions and the bytes of an IDX file, gzip-compressed or not."""
    path = os.path.join(folder, name)
    try:
        if os.path.exists(path):
            with open(path, "rb") as file:
                content = file.read()
        else:
            with gzip.open(path + ".gz", "rb") as file:
                content = file.read()
    except (OSError, EOFError) as error:
        raise Failure(f"{path}[.gz]: {error}; name a folder with the four MNIST files with --data") from error
    dimensions = struct.unpack(f">{magic & 3}I", content[4:4 + 4 * (magic & 3)])
    if struct.unpack(">I", content[:4])[0] != magic or len(content) != 4 + 4 * len(dimensions) + math.prod(dimensions):
        raise Failure(f"{path}: an IDX file of kind {magic:#x} was expected")
    return dimensions, content[4 + 4 * len(dimensions):]


def write_data(source, folder):
    """Unpacks the four IDX files; returns the number of training samples, test samples and features."""
    counts = []
    for subset, prefix in SUBSETS.items():
        (count, *image), pixels = read_idx(source, f"{prefix}-images-idx3-ubyte", 0x803)
        (labels,), values = read_idx(source, f"{prefix}-labels-idx1-ubyte", 0x801)
        if labels != count:
            raise Failure(f"{source}: {count} images but {labels} labels for {subset}")
        counts.append(count)
        for name, content in (("images", pixels), ("labels", values)):
            with open(os.path.join(folder, f"{subset}.{name}"), "wb") as file:
                file.write(content)
    return (*counts, math.prod(image))
