"""JAX: the whole epoch compiled into one program that scans over mini-batches, or one compiled step at a time."""
from functools import partial

import jax
import jax.numpy as jnp
import numpy
import worker
from job import DECAY


def logits(parameters, images, dropout=0.0, key=None):
    *hidden, (weights, biases) = parameters
    for layer, (hidden_weights, hidden_biases) in enumerate(hidden):
        images = jax.nn.relu(images @ hidden_weights + hidden_biases)
        if dropout:
            kept = jax.random.bernoulli(jax.random.fold_in(key, layer), 1 - dropout, images.shape)
            images = jnp.where(kept, images / (1 - dropout), 0)
    return images @ weights + biases


def loss(parameters, images, targets, dropout, key):
    outputs = logits(parameters, images, dropout, key)
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(outputs), axis=1))


def gather(array, samples):
    return array.at[samples].get(mode="promise_in_bounds")


def step(state, images, targets, rate, dropout):
    """state: the parameters, for AdamW their two moments and the number of steps (None for plain descent), and the
    key of the draws of dropout (None without)."""
    parameters, moments, key = state
    key, drawn = jax.random.split(key) if dropout else (None, None)
    gradients = jax.grad(loss)(parameters, images, targets, dropout, drawn)
    if moments is None:
        return jax.tree.map(lambda value, gradient: value - rate * gradient, parameters, gradients), None, key
    first, second, count = moments
    count = count + 1
    first = jax.tree.map(lambda moment, gradient: 0.9 * moment + 0.1 * gradient, first, gradients)
    second = jax.tree.map(lambda moment, gradient: 0.999 * moment + 0.001 * gradient * gradient, second, gradients)
    one, two = 1 - 0.9 ** count, 1 - 0.999 ** count

    def update(value, moment, square):
        decay = rate * DECAY if value.ndim == 2 else 0.0  # of weights, not of biases
        return value - decay * value - rate * (moment / one) / (jnp.sqrt(square / two) + 1e-8)
    return jax.tree.map(update, parameters, first, second), (first, second, count), key


@partial(jax.jit, donate_argnums=0, static_argnums=5)
def gathered_step(state, images, targets, samples, rate, dropout):
    return step(state, gather(images, samples), gather(targets, samples), rate, dropout)


@partial(jax.jit, donate_argnums=0, static_argnums=5)
def scan(state, images, targets, order, rate, dropout):
    """order: [mini-batches][batch]; gathers inside the loop."""
    def one(state, samples):
        return step(state, gather(images, samples), gather(targets, samples), rate, dropout), None
    return jax.lax.scan(one, state, order)[0]


@partial(jax.jit, donate_argnums=0, static_argnums=5)
def scan_shuffled(state, images, targets, order, rate, dropout):
    """The same, but gathers the whole epoch first."""
    def one(state, batch):
        return step(state, *batch, rate, dropout), None
    return jax.lax.scan(one, state, (gather(images, order), gather(targets, order)))[0]


class Peer:
    VERSION = jax.__version__
    variants = ["jit of the epoch, lax.scan", "jit of the epoch, lax.scan after shuffling", "jit of the step"]

    def __init__(self, job):
        self.job = job
        if job.quadratic:
            raise NotImplementedError("the comparison trains softmax networks with JAX")
        self.variants = list(self.variants)
        if job.dropout:  # two generators: the default one, and XLA's own, which is quicker
            self.variants += [f"{variant}, rbg" for variant in self.variants]
        self.images = jnp.asarray(job.train_images)
        self.targets = jnp.asarray(numpy.eye(job.sizes[-1], dtype=numpy.float32)[job.train_labels])

    def select(self, variant):
        self.variant = variant
        if self.job.dropout and hasattr(self, "state"):
            self.state = (*self.state[:2], self.new_key())

    def settings(self):
        return f"{self.variant}; XLA on {jax.devices()[0].platform}, {worker.threads(self.job.threads)} (NPROC)"

    def reset(self):
        parameters = [(jnp.array(weights), jnp.array(biases)) for weights, biases in self.job.start]

        def zeros():
            return jax.tree.map(jnp.zeros_like, parameters)
        moments = (zeros(), zeros(), jnp.float32(0)) if self.job.adamw else None
        self.state = parameters, moments, self.new_key() if self.job.dropout else None

    def new_key(self):
        return jax.random.key(1, impl="rbg" if "rbg" in self.variant else "threefry2x32")

    def run(self, count, shuffle):
        batch, rate = self.job.batch, numpy.float32(self.job.rate)
        order = self.job.order(count, shuffle).astype(numpy.int32)
        whole = count // batch * batch
        data, dropout = (self.images, self.targets), self.job.dropout
        if self.variant.startswith("jit of the step"):
            for first in range(0, whole, batch):
                self.state = gathered_step(self.state, *data, order[first:first + batch], rate, dropout)
        else:
            epoch = scan_shuffled if "after" in self.variant else scan
            self.state = epoch(self.state, *data, order[:whole].reshape(-1, batch), rate, dropout)
        if whole < count:
            self.state = gathered_step(self.state, *data, order[whole:], rate, dropout)
        jax.block_until_ready(self.state)

    def outputs(self):
        return numpy.asarray(jax.nn.softmax(logits(self.state[0], jnp.asarray(self.job.test_images))))
