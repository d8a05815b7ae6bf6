"""What the contestants written in Python share: the job, the data, and the dialogue with tools/peers/compare.

usage: worker.py PEER --probe        prints the version as JSON, or fails as the import does
       worker.py PEER FOLDER SIZES BATCH RATE LOSS SHUFFLE THREADS SPARSE OPTIMIZER DROPOUT

A contestant waits, blocked on its standard input, for one command a line and answers with one line of JSON:
see native.h, which is the same for contestants written in C. A peer_*.py offers a class Peer with

  VERSION           text
  variants          names of the ways it can train; `choose` keeps the fastest
  settings()        text, after the choice
  select(variant)
  reset()           back to the starting parameters
  run(count, shuffle)   one pass over the first `count` training images
  outputs()         [test images][classes] float32 on the test images
  differs           text, if it cannot compute the same: why not
"""
import importlib
import json
import os
import sys
import time

try:
    import threadpoolctl
except ImportError:
    threadpoolctl = None

TRIAL_ROUNDS = 3


class Job:
    def __init__(self, arguments):
        folder, sizes, batch, rate, loss, shuffle, threads, _, optimizer, dropout = arguments
        self.folder = folder
        self.sizes = [int(size) for size in sizes.split(",")]
        self.batch = int(batch)
        self.rate = float(rate)
        self.quadratic = loss == "quadratic"  # with sigmoids; otherwise relu and softmax
        self.shuffle = shuffle == "1"
        self.threads = int(threads)
        self.adamw = optimizer == "adamw"
        self.dropout = float(dropout)  # share of the hidden units that are left out
        self.load()

    def load(self):
        import numpy

        def read(name, kind):
            return numpy.fromfile(os.path.join(self.folder, name), kind)

        def images(name):
            values = read(name, numpy.uint8).astype(numpy.float32) / numpy.float32(256)
            return values.reshape(-1, self.sizes[0])

        self.train_images, self.train_labels = images("train.images"), read("train.labels", numpy.uint8)
        self.test_images, self.test_labels = images("test.images"), read("test.labels", numpy.uint8)
        self.count = len(self.train_labels)
        values = read("start.floats", numpy.float32)
        self.start = []  # of each layer: weights [inputs][outputs], biases [outputs]
        for inputs, outputs in zip(self.sizes, self.sizes[1:]):
            weights, biases, values = numpy.split(values, [inputs * outputs, (inputs + 1) * outputs])
            self.start.append((weights.reshape(inputs, outputs), biases))
        self.random = numpy.random.default_rng(1)

    def order(self, count, shuffle):
        """The order of the first `count` samples in one epoch."""
        import numpy

        return self.random.permutation(count) if shuffle else numpy.arange(count)


def limit_blas_threads(threads):
    if threadpoolctl:
        threadpoolctl.threadpool_limits(threads)


def blas(package):
    """The BLAS that numpy or scipy calls, in words: numpy and scipy of PyPI bring one each."""
    known = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"] if threadpoolctl else []
    own = [pool for pool in known if f"/{package}.libs/" in pool["filepath"]] or known
    if not own:
        return "install threadpoolctl to see its BLAS"
    return f"{own[0]['internal_api']} {own[0]['version']} {own[0].get('architecture', '')}, " \
           + threads(own[0]["num_threads"])


def threads(number):
    return f"{number} thread" if number == 1 else f"{number} threads"


def choose(peer, job):
    """Tries each way of training, in turns, on a part of the data, and keeps the fastest."""
    count = min(job.count, max(100 * job.batch, 2000), 25600)
    best = {variant: float("inf") for variant in peer.variants}
    failed = {}
    for variant in list(peer.variants):
        try:  # the first run compiles
            peer.select(variant)
            peer.run(count, job.shuffle)
        except Exception as error:  # a way that does not work here is not a way
            del best[variant]
            failed[variant] = f"{type(error).__name__}: {error}".splitlines()[0]
    if not best:
        raise RuntimeError(f"no way of training works: {failed}")
    for _ in range(TRIAL_ROUNDS if len(best) > 1 else 0):
        for variant in best:
            peer.select(variant)
            started = time.monotonic()
            peer.run(count, job.shuffle)
            best[variant] = min(best[variant], time.monotonic() - started)
    fastest = min(best, key=best.get)
    peer.select(fastest)
    tried = {variant: seconds * job.count / count for variant, seconds in best.items()}
    return {"chosen": fastest, "tried": tried if len(best) > 1 else {}, "failed": failed}


def answer(peer, job, command, arguments):
    if command == "hello":
        return {"version": peer.VERSION}
    if command == "steps":
        steps, path = arguments.split(" ", 1)
        peer.reset()
        peer.run(int(steps) * job.batch + job.count % job.batch, False)
        peer.outputs().astype("float32").tofile(path)
        return {}
    if command == "choose":
        result = choose(peer, job)
        result["settings"] = peer.settings()
        result["differs"] = getattr(peer, "differs", None)
        return result
    if command == "reset":
        peer.reset()
        return {}
    if command == "epoch":
        started = time.monotonic()
        peer.run(job.count, job.shuffle)
        return {"seconds": time.monotonic() - started}
    if command == "test":
        return {"accuracy": float((peer.outputs().argmax(axis=1) == job.test_labels).mean())}
    raise ValueError(command)


def main():
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is not a reply
    module = importlib.import_module("peer_" + sys.argv[1])
    if sys.argv[2] == "--probe":
        print(json.dumps({"version": module.Peer.VERSION}), file=replies)
        return
    job = Job(sys.argv[2:])
    peer = module.Peer(job)
    peer.select(peer.variants[0])
    peer.reset()
    for line in sys.stdin:
        command, _, arguments = line.rstrip("\n").partition(" ")
        print(json.dumps(answer(peer, job, command, arguments)), file=replies)


if __name__ == "__main__":
    main()
