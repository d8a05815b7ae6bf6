"""JAX: the whole epoch compiled into one program that scans over mini-batches, or one compiled step at a time."""
from functools import partial

import jax
import jax.numpy as jnp
import numpy
import worker


def logits(parameters, images):
    *hidden, (weights, biases) = parameters
    for hidden_weights, hidden_biases in hidden:
        images = jax.nn.relu(images @ hidden_weights + hidden_biases)
    return images @ weights + biases


def loss(parameters, images, targets):
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(logits(parameters, images)), axis=1))


def gather(array, samples):
    return array.at[samples].get(mode="promise_in_bounds")


def step(parameters, images, targets, rate):
    gradients = jax.grad(loss)(parameters, images, targets)
    return jax.tree.map(lambda value, gradient: value - rate * gradient, parameters, gradients)


@partial(jax.jit, donate_argnums=0)
def gathered_step(parameters, images, targets, samples, rate):
    return step(parameters, gather(images, samples), gather(targets, samples), rate)


@partial(jax.jit, donate_argnums=0)
def scan(parameters, images, targets, order, rate):
    """order: [mini-batches][batch]; gathers inside the loop."""
    def one(parameters, samples):
        return step(parameters, gather(images, samples), gather(targets, samples), rate), None
    return jax.lax.scan(one, parameters, order)[0]


@partial(jax.jit, donate_argnums=0)
def scan_shuffled(parameters, images, targets, order, rate):
    """The same, but gathers the whole epoch first."""
    def one(parameters, batch):
        return step(parameters, *batch, rate), None
    return jax.lax.scan(one, parameters, (gather(images, order), gather(targets, order)))[0]


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
        self.parameters = [(jnp.array(weights), jnp.array(biases)) for weights, biases in self.job.start]

    def run(self, count, shuffle):
        batch, rate = self.job.batch, numpy.float32(self.job.rate)
        order = self.job.order(count, shuffle).astype(numpy.int32)
        whole = count // batch * batch
        data = self.images, self.targets
        if self.variant == "jit of the step":
            for first in range(0, whole, batch):
                self.parameters = gathered_step(self.parameters, *data, order[first:first + batch], rate)
        else:
            epoch = scan_shuffled if "after" in self.variant else scan
            self.parameters = epoch(self.parameters, *data, order[:whole].reshape(-1, batch), rate)
        if whole < count:
            self.parameters = gathered_step(self.parameters, *data, order[whole:], rate)
        jax.block_until_ready(self.parameters)

    def outputs(self):
        return numpy.asarray(jax.nn.softmax(logits(self.parameters, jnp.asarray(self.job.test_images))))
