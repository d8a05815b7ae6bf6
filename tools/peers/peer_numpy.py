"""numpy on OpenBLAS: every buffer allocated beforehand, every operation with out=."""
import numpy
import worker

try:
    from scipy.linalg.blas import sgemm
except ImportError:
    sgemm = None


class Buffers:
    """Of one mini-batch size: the gathered images, each layer's outputs and deltas, and some work space."""

    def __init__(self, batch, sizes):
        self.outputs = [numpy.empty((batch, size), numpy.float32) for size in sizes]
        self.deltas = [numpy.empty((batch, size), numpy.float32) for size in sizes]
        self.work = [numpy.empty((batch, size), numpy.float32) for size in sizes]
        self.masks = [numpy.empty((batch, size), bool) for size in sizes]
        self.targets = numpy.empty((batch, sizes[-1]), numpy.float32)
        self.row = numpy.empty((batch, 1), numpy.float32)


def multiply_scipy(a, b, out, add=False, factor=1):
    """out = (out +) factor · a @ b in one call of BLAS. out is row-major: BLAS sees its transpose, column-major."""
    a_transposed, b_transposed = not a.flags.c_contiguous, not b.flags.c_contiguous
    result = sgemm(factor, b if b_transposed else b.T, a if a_transposed else a.T, beta=float(add), c=out.T,
                   overwrite_c=True, trans_a=b_transposed, trans_b=a_transposed)
    assert result.base is out or numpy.may_share_memory(result, out)


class Peer:
    VERSION = numpy.__version__

    def __init__(self, job):
        self.job = job
        self.parameters = [(weights.copy(), biases.copy()) for weights, biases in job.start]
        self.gradients = [(numpy.empty_like(w), numpy.empty_like(b)) for w, b in job.start]
        self.one_hot = numpy.eye(job.sizes[-1], dtype=numpy.float32)[job.train_labels]
        self.buffers = {}
        # Through scipy, BLAS can add a product to biases or subtract it from weights itself. It has an OpenBLAS of
        # its own, so one way of calling is kept to: the threads of two would disturb each other.
        self.variants = ["numpy.matmul"] + (["scipy.linalg.blas.sgemm"] if sgemm else [])
        if worker.threadpoolctl and job.threads > 1:
            self.variants += [f"{variant}, 1 thread" for variant in self.variants]

    def select(self, variant):
        self.variant = variant
        self.use_sgemm = "sgemm" in variant
        self.multiply = multiply_scipy if self.use_sgemm else numpy.matmul
        worker.limit_blas_threads(1 if variant.endswith("1 thread") else self.job.threads)

    def settings(self):
        return f"{self.variant}; {worker.blas('scipy' if self.use_sgemm else 'numpy')}"

    def reset(self):
        for (weights, biases), (first_weights, first_biases) in zip(self.parameters, self.job.start):
            weights[...] = first_weights
            biases[...] = first_biases

    def forward(self, buffers):
        last = len(self.parameters)
        for i, (weights, biases) in enumerate(self.parameters, 1):
            out = buffers.outputs[i]
            if self.use_sgemm:
                out[...] = biases
                multiply_scipy(buffers.outputs[i - 1], weights, out, add=True)
            else:
                numpy.matmul(buffers.outputs[i - 1], weights, out=out)
                numpy.add(out, biases, out=out)
            if self.job.quadratic:
                numpy.negative(out, out=out)
                numpy.exp(out, out=out)
                numpy.add(out, 1, out=out)
                numpy.reciprocal(out, out=out)
            elif i < last:
                numpy.maximum(out, 0, out=out)
            else:
                numpy.amax(out, axis=1, keepdims=True, out=buffers.row)
                numpy.subtract(out, buffers.row, out=out)
                numpy.exp(out, out=out)
                numpy.add.reduce(out, axis=1, keepdims=True, out=buffers.row)
                numpy.divide(out, buffers.row, out=out)

    def backward(self, buffers):
        """Deltas and updates, from the last layer to the first; the deltas carry rate / batch."""
        last = len(self.parameters)
        delta = buffers.deltas[last]
        numpy.subtract(buffers.outputs[last], buffers.targets, out=delta)
        numpy.multiply(delta, numpy.float32(self.job.rate / len(delta)), out=delta)
        for i in range(last, 0, -1):
            delta, out, work = buffers.deltas[i], buffers.outputs[i], buffers.work[i]
            if self.job.quadratic:
                numpy.subtract(1, out, out=work)
                numpy.multiply(work, out, out=work)
                numpy.multiply(delta, work, out=delta)
            elif i < last:
                numpy.greater(out, 0, out=buffers.masks[i])
                numpy.multiply(delta, buffers.masks[i], out=delta)
            if i > 1:
                self.multiply(delta, self.parameters[i - 1][0].T, buffers.deltas[i - 1])
            self.update(i - 1, buffers.outputs[i - 1], delta)

    def update(self, layer, inputs, delta):
        weights, biases = self.parameters[layer]
        weight_gradient, bias_gradient = self.gradients[layer]
        if self.use_sgemm:
            multiply_scipy(inputs.T, delta, weights, add=True, factor=-1)
        else:
            numpy.matmul(inputs.T, delta, out=weight_gradient)
            numpy.subtract(weights, weight_gradient, out=weights)
        numpy.add.reduce(delta, axis=0, out=bias_gradient)
        numpy.subtract(biases, bias_gradient, out=biases)

    def step(self, samples):
        if len(samples) not in self.buffers:
            self.buffers[len(samples)] = Buffers(len(samples), self.job.sizes)
        buffers = self.buffers[len(samples)]
        numpy.take(self.job.train_images, samples, axis=0, out=buffers.outputs[0], mode="clip")
        numpy.take(self.one_hot, samples, axis=0, out=buffers.targets, mode="clip")
        self.forward(buffers)
        self.backward(buffers)

    def run(self, count, shuffle):
        order, batch = self.job.order(count, shuffle), self.job.batch
        for first in range(0, count, batch):
            self.step(order[first:first + batch])

    def outputs(self):
        images = self.job.test_images
        buffers = Buffers(len(images), self.job.sizes)
        buffers.outputs[0] = images
        self.forward(buffers)
        return buffers.outputs[-1]
