"""JAX: the whole epoch compiled into one program that scans over mini-batches, or one compiled step at a time."""
from functools import partial

import jax
import jax.numpy as jnp
import numpy
import worker
from job import DECAY


def logits(parameters, images):
    *hidden, (weights, biases) = parameters
    for hidden_weights, hidden_biases in hidden:
        images = jax.nn.relu(images @ hidden_weights + hidden_biases)
    return images @ weights + biases


def loss(parameters, images, targets):
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(logits(parameters, images)), axis=1))


def gather(array, samples):
    return array.at[samples].get(mode="promise_in_bounds")


def step(state, images, targets, rate):
    """state: the parameters, and for AdamW their two moments and the number of steps; None for plain descent."""
    parameters, moments = state
    gradients = jax.grad(loss)(parameters, images, targets)
    if moments is None:
        return jax.tree.map(lambda value, gradient: value - rate * gradient, parameters, gradients), None
    first, second, count = moments
    count = count + 1
    first = jax.tree.map(lambda moment, gradient: 0.9 * moment + 0.1 * gradient, first, gradients)
    second = jax.tree.map(lambda moment, gradient: 0.999 * moment + 0.001 * gradient * gradient, second, gradients)
    one, two = 1 - 0.9 ** count, 1 - 0.999 ** count

    def update(value, moment, square):
        decay = rate * DECAY if value.ndim == 2 else 0.0  # of weights, not of biases
        return value - decay * value - rate * (moment / one) / (jnp.sqrt(square / two) + 1e-8)
    return jax.tree.map(update, parameters, first, second), (first, second, count)


@partial(jax.jit, donate_argnums=0)
def gathered_step(state, images, targets, samples, rate):
    return step(state, gather(images, samples), gather(targets, samples), rate)


@partial(jax.jit, donate_argnums=0)
def scan(state, images, targets, order, rate):
    """order: [mini-batches][batch]; gathers inside the loop."""
    def one(state, samples):
        return step(state, gather(images, samples), gather(targets, samples), rate), None
    return jax.lax.scan(one, state, order)[0]


@partial(jax.jit, donate_argnums=0)
def scan_shuffled(state, images, targets, order, rate):
    """The same, but gathers the whole epoch first."""
    def one(state, batch):
        return step(state, *batch, rate), None
    return jax.lax.scan(one, state, (gather(images, order), gather(targets, order)))[0]


class Peer:
    VERSION = jax.__version__
    variants = ["jit of the epoch, lax.scan", "jit of the epoch, lax.scan after shuffling", "jit of the step"]

    def __init__(self, job):
        self.job = job
        if job.quadratic:
            raise NotImplementedError("the comparison trains softmax networks with JAX")
        self.images = jnp.asarray(job.train_images)
        self.targets = jnp.asarray(numpy.eye(job.sizes[-1], dtype=numpy.float32)[job.train_labels])

    def select(self, variant):
        self.variant = variant

    def settings(self):
        return f"{self.variant}; XLA on {jax.devices()[0].platform}, {worker.threads(self.job.threads)} (NPROC)"

    def reset(self):
        parameters = [(jnp.array(weights), jnp.array(biases)) for weights, biases in self.job.start]

        def zeros():
            return jax.tree.map(jnp.zeros_like, parameters)
        self.state = parameters, (zeros(), zeros(), jnp.float32(0)) if self.job.adamw else None

    def run(self, count, shuffle):
        batch, rate = self.job.batch, numpy.float32(self.job.rate)
        order = self.job.order(count, shuffle).astype(numpy.int32)
        whole = count // batch * batch
        data = self.images, self.targets
        if self.variant == "jit of the step":
            for first in range(0, whole, batch):
                self.state = gathered_step(self.state, *data, order[first:first + batch], rate)
        else:
            epoch = scan_shuffled if "after" in self.variant else scan
            self.state = epoch(self.state, *data, order[:whole].reshape(-1, batch), rate)
        if whole < count:
            self.state = gathered_step(self.state, *data, order[whole:], rate)
        jax.block_until_ready(self.state)

    def outputs(self):
        return numpy.asarray(jax.nn.softmax(logits(self.state[0], jnp.asarray(self.job.test_images))))
