"""One sample's walk through a network, and what it says of the sample's inputs."""

from __future__ import annotations

import ctypes

import numpy as np

from . import _arrays, _library, _predicting
from ._library import initialised, lib


def _pointers(arrays: list[np.ndarray]):
    return (ctypes.c_void_p * len(arrays))(*(_arrays.address(array) for array in arrays))


def _sample(network, x) -> np.ndarray:
    sample = _predicting.inputs(network, np.asarray(x).reshape(1, -1))[0]
    if sample.shape[0] != network.sizes[0]:
        raise ValueError(f"x has {sample.shape[0]} features, but the network takes {network.sizes[0]}")
    return sample


def trace(network, x, label, targets) -> dict:
    """See Network.trace."""
    sample = _sample(network, x)
    vectors = {name: [np.empty(n, np.float32) for n in network.sizes[1:]] for name in ("sums", "activations")}
    answered = label is not None or targets is not None
    if answered:
        vectors["deltas"] = [np.empty(n, np.float32) for n in network.sizes[1:]]
        vectors["bias_gradients"] = [np.empty(n, np.float32) for n in network.sizes[1:]]
        shapes = zip(network.sizes[:-1], network.sizes[1:])
        vectors["weight_gradients"] = [np.empty(shape, np.float32) for shape in shapes]

    struct = initialised(_library.Trace, lib.minnow_trace_init)
    for name, arrays in vectors.items():
        setattr(struct, name, _pointers(arrays))
    result: dict = dict(vectors)
    if label is not None:
        struct.label = int(label)
    if targets is not None:
        wanted = _arrays.floats(targets, "targets").reshape(-1)
        if wanted.shape[0] != network.sizes[-1]:
            raise ValueError(f"targets: {wanted.shape[0]} numbers, expected {network.sizes[-1]}")
        struct.targets = _arrays.address(wanted)
    if answered:
        result["input_gradient"] = np.empty(network.sizes[0], np.float32)
        struct.input_gradient = _arrays.address(result["input_gradient"])
    lib.minnow_network_trace(network._handle, _arrays.address(sample), ctypes.byref(struct))
    result["loss"] = float(struct.loss) if answered else None
    return result


def explain(network, x, label) -> dict:
    """See Network.explain."""
    sample = _sample(network, x)
    outputs = network.forward(sample.reshape(1, -1))[0]
    chosen = int(outputs.argmax()) if label is None else int(label)
    if not 0 <= chosen < outputs.shape[0]:
        raise ValueError(f"label is {chosen}, expected 0 to {outputs.shape[0] - 1}")

    targets = None
    if network.loss in ("mse", "mae", "huber"):
        # Of a number z, ∂z/∂x has the direction of the gradient towards a target above z, whose ∂C/∂z is known. So far
        # above that floats of z's size tell the two apart.
        targets = outputs.copy()
        targets[chosen] += max(1.0, abs(float(outputs[chosen])) / 1024)
    walk = trace(network, sample, None if targets is not None else chosen, targets)
    gradient = walk["input_gradient"]
    if targets is not None:
        gradient = gradient / abs(walk["deltas"][-1][chosen])
    return {"label": chosen, "probability": float(outputs[chosen]), "saliency": -sample * gradient}
