"""Networks of PyTorch's and ONNX's, and for them. The packages are imported only here, and only when they are used."""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np

from .network import Network

# ---- PyTorch ----

# Modules that are an activation, by their class's name.
_TORCH_ACTIVATIONS = {
    "ReLU": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "LeakyReLU": "leaky_relu",
    "GELU": "gelu",
    "SiLU": "silu",
}
# And those that change nothing in what a trained network predicts.
_TORCH_NOTHING = ("Flatten", "Dropout", "Identity")


def _array(tensor) -> np.ndarray:
    """A tensor, or an array, as float32."""
    for step in ("detach", "cpu", "numpy"):
        tensor = getattr(tensor, step)() if hasattr(tensor, step) else tensor
    return np.asarray(tensor, np.float32)


def _linear_layers(state: Mapping) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights [inputs][outputs] and biases of NAME.weight [outputs][inputs] and NAME.bias, in their order."""
    layers = {}
    for key, value in state.items():
        name, _, part = key.rpartition(".")
        if part not in ("weight", "bias") or np.ndim(value) != (2 if part == "weight" else 1):
            raise ValueError(f"{key}: expected .weight [outputs][inputs] and .bias [outputs] of linear layers alone")
        layers.setdefault(name, {})[part] = _array(value)
    result = []
    for name, parts in layers.items():
        if "weight" not in parts:
            raise ValueError(f"{name}.bias has no {name}.weight beside it")
        weights = parts["weight"].T
        if result and result[-1][0].shape[1] != weights.shape[0]:
            raise ValueError(f"{name}.weight takes {weights.shape[0]} inputs, but {result[-1][0].shape[1]} come before it")
        result.append((weights, parts.get("bias", np.zeros(weights.shape[1], np.float32))))
    if not result:
        raise ValueError("there is no linear layer")
    return result


def _module_activations(module) -> list[str]:
    """Of an nn.Sequential: what follows each linear layer but the last. Raises ValueError for what minnow has not."""
    found, linear = [], 0
    for child in module:
        kind = type(child).__name__
        if kind == "Linear":
            if linear > len(found):
                found.append("identity")
            linear += 1
        elif kind in _TORCH_ACTIVATIONS and linear == len(found) + 1:
            if kind == "LeakyReLU" and child.negative_slope != 0.01:
                raise ValueError(f"LeakyReLU has a slope of {child.negative_slope}, expected 0.01")
            if kind == "GELU" and child.approximate != "none":
                raise ValueError("GELU is an approximation, expected approximate='none'")
            found.append(_TORCH_ACTIVATIONS[kind])
        elif kind not in _TORCH_NOTHING:
            raise ValueError(f"{kind} is no layer of a multilayer perceptron; give the state_dict, and activation")
    if len(found) >= linear:
        raise ValueError(f"an activation, {found[-1]}, follows the last layer; leave it out, and say loss")
    return found


def from_torch(model, *, activation=None, loss: str = "softmax", isa: str = "auto") -> Network:
    """The network of a PyTorch nn.Sequential, or of a state_dict and activation.

    loss says what the outputs are, as in Network: the module ends in the logits, as PyTorch's losses want them. Raises
    ValueError for layers that no multilayer perceptron has.
    """
    if not isinstance(model, Mapping):
        if activation is None:
            if not hasattr(model, "__iter__"):
                raise ValueError(f"of a {type(model).__name__} the activations are not known; give activation")
            activation = _module_activations(model)
        model = model.state_dict()
    return _of_layers(_linear_layers(model), "relu" if activation is None else activation, loss, isa)


def _of_layers(layers, activation, loss: str, isa: str) -> Network:
    sizes = [layers[0][0].shape[0], *(weights.shape[1] for weights, _ in layers)]
    network = Network(sizes, activation, loss, init="zero", isa=isa)
    for index, (weights, biases) in enumerate(layers):
        network.set_layer(index, weights, biases)
    return network


def to_torch(network: Network):
    """A PyTorch nn.Sequential of the same layers, which ends in the logits; its state_dict() is what others load.

    Raises ImportError without PyTorch, ValueError for scaled_tanh, which PyTorch has not.
    """
    import torch

    modules = []
    for index, (weights, biases) in enumerate(network.layers):
        linear = torch.nn.Linear(*weights.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(weights.T)))
            linear.bias.copy_(torch.from_numpy(biases))
        modules.append(linear)
        if index + 1 < len(network):
            modules.append(_torch_activation(torch.nn, network.activations[index]))
    return torch.nn.Sequential(*modules)


def _torch_activation(nn, name: str):
    for kind, own in {**_TORCH_ACTIVATIONS, "Identity": "identity"}.items():
        if own == name:
            return getattr(nn, kind)()
    raise ValueError(f"PyTorch has no module for {name}")


# ---- ONNX ----

_ONNX_ACTIVATIONS = {
    "Relu": "relu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "LeakyRelu": "leaky_relu",
    "Gelu": "gelu",
}
# onnx.TensorProto's numbers of FLOAT and DOUBLE.
_ONNX_FLOATS = (1, 11)
_ONNX_NOTHING = ("Flatten", "Reshape", "Dropout", "Cast", "Identity")


class _OnnxWalk:
    """The nodes of a graph that is a chain, one after another, and the layers that they are."""

    def __init__(self, graph, numpy_helper, helper):
        self._constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        self.layers: list[list[np.ndarray]] = []
        self.activations: list[str] = []
        self.input_scaling: float | None = None
        self.last = None
        inputs = [one.name for one in graph.input if one.name not in self._constants]
        if len(inputs) != 1:
            raise ValueError(f"the model has {len(inputs)} inputs, expected one")
        # The value that the nodes so far make of the input, and that the next one has to go on from.
        self._at = inputs[0]
        for node in graph.node:
            self._take(node, {one.name: helper.get_attribute_value(one) for one in node.attribute})
        outputs = [one.name for one in graph.output]
        if outputs != [self._at]:
            raise ValueError(f"the model gives {', '.join(outputs)}, expected its last node's {self._at} alone")

    def _constant(self, node) -> np.ndarray:
        for name in node.input:
            if name in self._constants:
                return np.asarray(self._constants[name], np.float32)
        raise ValueError(f"{node.op_type}: its parameters are no constants of the model")

    def _take(self, node, attributes: dict) -> None:
        kind = node.op_type
        if kind in ("Gemm", "MatMul"):
            self._linear(node, attributes)
        elif kind == "Add" and self.layers and self.last == "MatMul":
            self.layers[-1][1] = self._constant(node).reshape(-1)
        elif kind == "Mul" and self.last is None and self._constant(node).size == 1:
            self.input_scaling = float(self._constant(node).reshape(()))
        elif kind in _ONNX_ACTIVATIONS or kind == "Softmax":
            self._activation(kind, attributes)
        elif kind not in _ONNX_NOTHING:
            raise ValueError(f"{kind} is no part of a multilayer perceptron that minnow has")
        elif kind == "Cast" and attributes.get("to") not in _ONNX_FLOATS:
            raise ValueError("Cast to another type than float or double is no part of a multilayer perceptron")
        self._step(node)

    def _step(self, node) -> None:
        """From a node's input to its output. Raises ValueError where the graph is no chain."""
        data = [name for name in node.input if name and name not in self._constants]
        if data != [self._at]:
            raise ValueError(
                f"the model is no chain: {node.op_type} takes {', '.join(data)}, expected {self._at}, which comes before it"
            )
        self._at = node.output[0]
        if node.op_type not in _ONNX_NOTHING:
            self.last = node.op_type

    def _activation(self, kind: str, attributes: dict) -> None:
        if len(self.activations) + 1 != len(self.layers):
            raise ValueError(f"{kind} does not follow a layer of weights")
        if kind == "LeakyRelu" and abs(attributes.get("alpha", 0.01) - 0.01) > 1e-6:
            raise ValueError(f"LeakyRelu has a slope of {attributes['alpha']}, expected 0.01")
        if kind == "Gelu" and attributes.get("approximate", b"none") != b"none":
            raise ValueError("Gelu is an approximation, expected approximate='none'")
        if kind == "Softmax" and attributes.get("axis", -1) not in (-1, 1):
            raise ValueError(f"Softmax is over axis {attributes['axis']}, expected that of the outputs")
        self.activations.append("softmax" if kind == "Softmax" else _ONNX_ACTIVATIONS[kind])

    def _linear(self, node, attributes) -> None:
        if self.layers and len(self.activations) < len(self.layers):
            self.activations.append("identity")
        if node.input[1] not in self._constants:
            raise ValueError(f"{node.op_type}: its weights are no constant of the model")
        weights = np.asarray(self._constants[node.input[1]], np.float32)
        if attributes.get("transB"):
            weights = weights.T
        if attributes.get("transA") or attributes.get("alpha", 1.0) != 1.0 or attributes.get("beta", 1.0) != 1.0:
            raise ValueError("Gemm with transA, alpha or beta is no layer that minnow has")
        biases = np.zeros(weights.shape[1], np.float32)
        if node.op_type == "Gemm" and len(node.input) > 2 and node.input[2]:
            if node.input[2] not in self._constants:
                raise ValueError("Gemm: its biases are no constant of the model")
            biases = np.asarray(self._constants[node.input[2]], np.float32).reshape(-1)
        self.layers.append([weights, biases])


def from_onnx(path, *, loss: str | None = None, isa: str = "auto") -> Network:
    """The network of an ONNX model that is a chain of Gemm, or MatMul and Add, with activations between them.

    loss says what the outputs are; by default what the model ends in: Softmax is softmax, Sigmoid logistic, and nothing
    mse. Needs the package onnx. Raises FileNotFoundError, and ValueError for a model of another kind.
    """
    import onnx
    from onnx import helper, numpy_helper

    if not os.path.exists(path):
        raise FileNotFoundError(f"{os.fspath(path)}: there is no such file")
    try:
        walk = _OnnxWalk(onnx.load(os.fspath(path)).graph, numpy_helper, helper)
    except ValueError as problem:
        raise ValueError(f"{os.fspath(path)}: {problem}") from None
    if not walk.layers:
        raise ValueError(f"{os.fspath(path)}: there is no layer of weights in it")
    end = walk.activations.pop() if len(walk.activations) == len(walk.layers) else "identity"
    if end not in ("softmax", "sigmoid", "identity") or len(walk.activations) != len(walk.layers) - 1:
        raise ValueError(f"{os.fspath(path)}: its activations do not follow a layer each")
    loss = loss or {"softmax": "softmax", "sigmoid": "logistic", "identity": "mse"}[end]
    network = _of_layers(walk.layers, walk.activations, loss, isa)
    if walk.input_scaling is not None:
        network.metadata["input_scaling"] = repr(walk.input_scaling)
    return network
