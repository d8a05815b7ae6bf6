#!/usr/bin/env python3
"""minnow's estimators beside scikit-learn's of the same name: fit with the same settings, and what comes of it.

    tools/peers/estimators.py MNIST|TABLE.csv [--time] [--accuracy] [options]

MNIST is a folder with the four files, gzip-compressed or not; a table has a header and the class in its first column,
every fifth row is for the test, and columns are standardised by the others. Both get the same arrays, and both the defaults
but for what the options say: Adam, batches of 200, a hidden layer of 100. scikit-learn calculates in the precision of the
samples, minnow with floats. Times are of fits that take turns, as medians; accuracies are of the test samples, as mean and
standard deviation over seeds.
"""

import argparse
import gzip
import os
import statistics
import time
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")


def read_idx(folder, name, header):
    """An IDX file's bytes behind its header."""
    path = Path(folder) / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return np.frombuffer(data, np.uint8, offset=header)


def load_mnist(folder):
    """Pixels from 0 to 1, and labels, of the training and the test samples."""
    parts = []
    for subset in ("train", "t10k"):
        pixels = read_idx(folder, f"{subset}-images-idx3-ubyte", 16).reshape(-1, 784)
        parts += [pixels.astype(np.float32) / 255, read_idx(folder, f"{subset}-labels-idx1-ubyte", 8)]
    return parts


def load_table(path):
    """Standardised numbers, and names of classes."""
    rows = np.genfromtxt(path, str, delimiter=",", skip_header=1)
    labels, X = np.char.strip(rows[:, 0], '"'), rows[:, 1:].astype(np.float64)
    test = np.arange(len(X)) % 5 == 4
    X = ((X - X[~test].mean(0)) / X[~test].std(0)).astype(np.float32)
    return X[~test], labels[~test], X[test], labels[test]


def make(kind, given, seed, threads):
    """An estimator that trains for exactly so many epochs."""
    settings = {
        "hidden_layer_sizes": tuple(given.hidden),
        "batch_size": given.batch,
        "max_iter": given.epochs,
        "n_iter_no_change": given.epochs + 1,
        "random_state": seed,
    }
    if kind == "minnow":
        from minnow import MLPClassifier

        return MLPClassifier(**settings, n_jobs=threads)
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(**settings)


def measure(given, data):
    from threadpoolctl import threadpool_limits

    for threads in given.threads:
        seconds = {"minnow": [], "scikit-learn": []}
        for turn in range(given.rounds):
            for kind, taken in seconds.items():
                estimator = make(kind, given, turn, threads)
                with threadpool_limits(threads if kind == "scikit-learn" else None, user_api="blas"):
                    begun = time.perf_counter()
                    estimator.fit(*data[:2])
                    taken.append((time.perf_counter() - begun) / given.epochs)
        ratio = statistics.median(b / a for a, b in zip(seconds["minnow"], seconds["scikit-learn"]))
        texts = [f"{kind} {statistics.median(taken) * 1e3:.1f} ms" for kind, taken in seconds.items()]
        print(f"{threads} thread{'s' if threads > 1 else ''}, an epoch: {', '.join(texts)}: {ratio:.1f} times", flush=True)


def judge(given, data):
    for kind in ("minnow", "scikit-learn"):
        found = [100 * make(kind, given, seed, None).fit(*data[:2]).score(*data[2:]) for seed in range(1, given.seeds + 1)]
        print(
            f"{kind}: {statistics.mean(found):.2f} % ± {statistics.stdev(found):.2f} of the test samples after "
            f"{given.epochs} epochs, seeds 1 to {given.seeds}",
            flush=True,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--time", action="store_true", help="compare times of fit")
    parser.add_argument("--accuracy", action="store_true", help="compare what is learnt")
    parser.add_argument("--hidden", type=int, nargs="+", default=[100])
    parser.add_argument("--batch", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32", help="of the samples")
    parser.add_argument("--rounds", type=int, default=3, help="fits of each, in turns")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    if not given.time and not given.accuracy:
        parser.error("nothing to do: --time, --accuracy, or both")
    names = [name for name in os.environ if name.startswith("OPENBLAS_")]
    if names:
        parser.error(f"unset {' '.join(names)}: scikit-learn's BLAS would not be at its best")
    data = load_mnist(given.data) if os.path.isdir(given.data) else load_table(given.data)
    data = [part.astype(given.dtype) if part.ndim == 2 else part for part in data]
    if given.time:
        measure(given, data)
    if given.accuracy:
        judge(given, data)


if __name__ == "__main__":
    main()
