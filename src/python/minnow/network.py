"""A network: its layers, what it makes of samples, and its files."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterator, MutableMapping, Sequence

import numpy as np

from . import _arrays, _library, _predicting
from ._library import ACTIVATIONS, INITS, LOSSES, enumerator, initialised, lib, path_bytes
from .dataset import Dataset


class Metadata(MutableMapping):
    """What is known of a network beyond its parameters: pairs of strings, which its file keeps."""

    def __init__(self, network: Network):
        self._network = network

    def __getitem__(self, key: str) -> str:
        value = None if "\0" in key else lib.minnow_network_metadata(self._network._handle, key.encode())
        if value is None:
            raise KeyError(key)
        return value.decode("utf-8", "replace")

    def __setitem__(self, key: str, value: str) -> None:
        if "\0" in key or "\0" in value:
            raise ValueError(f"metadata {key!r}: {value!r} has a zero character in it, where the library would end it")
        lib.minnow_network_set_metadata(self._network._handle, key.encode(), value.encode())

    def __delitem__(self, key: str) -> None:
        self[key]
        lib.minnow_network_set_metadata(self._network._handle, key.encode(), None)

    def __len__(self) -> int:
        return lib.minnow_network_metadata_count(self._network._handle)

    def __iter__(self) -> Iterator[str]:
        for index in range(len(self)):
            yield lib.minnow_network_metadata_key(self._network._handle, index).decode("utf-8", "replace")

    def __repr__(self) -> str:
        return f"Metadata({dict(self)!r})"


class Network:
    """A multilayer perceptron: layers of y = activation(x·W + b), the last one followed by the loss's own activation.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden layers, outputs: (784, 128, 64, 10).
    activation : str or sequence of str
        Of the hidden layers, one for all or one for each: relu, sigmoid, tanh, identity, leaky_relu, gelu, silu,
        scaled_tanh.
    loss : str
        softmax, logistic, quadratic, mse, mae or huber. It also says what the outputs are: probabilities that add up
        to 1, a probability each, the same, or numbers.
    init : str
        How parameters start: scaled, normal, zero, he, glorot, lecun, orthogonal.
    seed : int
        Fixes the initial parameters, the same on every machine.
    isa : str
        Instruction set: "auto", "scalar", "avx2", "avx512", "neon". The results are the same.

    Raises
    ------
    ValueError
        Sizes out of range, names that do not exist, an instruction set that this CPU lacks.
    MemoryError
    """

    def __init__(self, sizes: Sequence[int], activation="relu", loss="softmax", init="scaled", seed=1, isa="auto"):
        sizes = [int(size) for size in sizes]
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"sizes {sizes}, expected those of inputs, hidden layers and outputs, each at least 1")
        config = initialised(_library.NetworkConfig, lib.minnow_network_config_init)
        config.layer_sizes = (ctypes.c_size_t * len(sizes))(*sizes)
        config.layer_count = len(sizes) - 1
        config.activations = activation_array(activation, len(sizes) - 2)
        config.loss = enumerator("loss", LOSSES, loss)
        config.init = enumerator("init", INITS, init)
        config.seed = _library.whole("seed", seed)
        config.isa = isa.encode()
        handle = ctypes.c_void_p()
        lib.minnow_network_create(ctypes.byref(config), ctypes.byref(handle))
        self._take(handle)

    def _take(self, handle: ctypes.c_void_p) -> None:
        self._handle = handle
        self._release = weakref.finalize(self, lib.minnow_network_free, handle)
        self._release.atexit = False  # a daemon thread may still predict with it
        self.sizes = tuple(
            lib.minnow_network_layer_size(handle, i) for i in range(lib.minnow_network_layer_count(handle) + 1)
        )
        self._address, self._width, self._outputs = handle.value, self.sizes[0], self.sizes[-1]
        self._one_row, self._rooms = (1, self._width), []  # see _predicting.one_row
        self.history: list[dict] = []

    @classmethod
    def _of(cls, handle: ctypes.c_void_p) -> Network:
        network = cls.__new__(cls)
        network._take(handle)
        return network

    # ---- Files ----

    @classmethod
    def load(cls, path, *, isa="auto", activation=None, loss=None) -> Network:
        """Reads a safetensors file, or a folder of .npy arrays.

        With activation and loss, a file of another program, as PyTorch names its tensors: NAME.weight
        [outputs][inputs] and NAME.bias [outputs]. Raises FileNotFoundError, and ValueError for a file that is
        damaged or something else.
        """
        handle, where = ctypes.c_void_p(), path_bytes(path)
        if not os.path.exists(path):
            raise FileNotFoundError(f"{os.fspath(path)}: there is no such file")
        folder = os.path.isdir(path)
        if activation is None and loss is None and not folder:
            lib.minnow_network_load(where, isa.encode(), ctypes.byref(handle))
            return cls._of(handle)
        config = initialised(_library.ForeignConfig, lib.minnow_foreign_config_init)
        config.loss = enumerator("loss", LOSSES, loss or "softmax")
        config.isa = isa.encode()
        if isinstance(activation, str) or activation is None:
            config.activation = enumerator("activation", ACTIVATIONS, activation or "relu")
        else:
            config.activations = activation_array(activation, len(activation))
            config.activation_count = len(activation)
        read = lib.minnow_network_load_npy if folder else lib.minnow_network_load_foreign
        read(where, ctypes.byref(config), ctypes.byref(handle))
        return cls._of(handle)

    def save(self, path, *, scaled_input=True, int8=False) -> None:
        """Writes the network: safetensors, or what the name ends in: .onnx, or .h or .c for C source.

        scaled_input is ONNX's: True, the model takes features; False, pixels of 0 to 255. int8 is C's: weights as
        bytes. The file is complete before it replaces another. Raises OSError, also if a parameter is not finite.
        """
        where, ending = path_bytes(path), os.path.splitext(os.fspath(path))[1]
        if ending in (".onnx", b".onnx"):
            lib.minnow_network_save_onnx(self._handle, where, scaled_input)
        elif ending in (".h", ".c", b".h", b".c"):
            lib.minnow_network_save_c(self._handle, where, None, int8)
        else:
            lib.minnow_network_save(self._handle, where)

    def save_npy(self, folder) -> None:
        """Writes a folder of .npy arrays: layers.0.weight.npy [outputs][inputs], layers.0.bias.npy [outputs], …"""
        lib.minnow_network_save_npy(self._handle, path_bytes(folder))

    def to_bytes(self) -> bytes:
        """The safetensors file, as bytes."""
        import tempfile  # here, as it takes a third of the time of importing this package

        with tempfile.TemporaryDirectory(prefix="minnow-") as folder:
            path = os.path.join(folder, "network.safetensors")
            self.save(path)
            with open(path, "rb") as file:
                return file.read()

    @classmethod
    def from_bytes(cls, data: bytes, *, isa="auto") -> Network:
        """The network of what to_bytes gave. Raises ValueError for bytes that are damaged."""
        import tempfile

        with tempfile.TemporaryDirectory(prefix="minnow-") as folder:
            path = os.path.join(folder, "network.safetensors")
            with open(path, "wb") as file:
                file.write(data)
            return cls.load(path, isa=isa)

    def __reduce__(self):
        return _unpickle, (self.to_bytes(), self.history)

    def copy(self) -> Network:
        """The same network or ensemble, with its metadata, to be trained on its own. Its history begins anew.

        Raises OSError if a parameter is not finite, as save does.
        """
        return self.from_bytes(self.to_bytes(), isa=self.isa)

    # ---- What it is ----

    def __len__(self) -> int:
        """How many layers of weights there are."""
        return len(self.sizes) - 1

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of each hidden layer."""
        return tuple(ACTIVATIONS[lib.minnow_network_activation(self._handle, i)] for i in range(len(self) - 1))

    @property
    def loss(self) -> str:
        """The name of the loss."""
        return LOSSES[lib.minnow_network_loss(self._handle)]

    @property
    def isa(self) -> str:
        """The instruction set in use."""
        return lib.minnow_network_isa(self._handle).decode()

    @property
    def member_count(self) -> int:
        """How many networks it is the mean of: 1, or more for an ensemble."""
        return lib.minnow_network_member_count(self._handle)

    @property
    def parameter_count(self) -> int:
        """Weights and biases together."""
        return lib.minnow_network_parameter_count(self._handle)

    @property
    def params_crc32(self) -> str:
        """A fingerprint of the parameters, eight hexadecimal digits, as the command line prints it."""
        return f"{lib.minnow_network_params_crc32(self._handle):08x}"

    @property
    def metadata(self) -> Metadata:
        """Pairs of strings that the file keeps, to be read and changed like a dict."""
        return Metadata(self)

    def layer(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Copies of a layer's weights [inputs][outputs] and biases [outputs], float32.

        Raises IndexError, and ValueError for an ensemble, each member of which has layers of its own.
        """
        index = self._layer_index(index)
        weights = np.empty((self.sizes[index], self.sizes[index + 1]), np.float32)
        biases = np.empty(self.sizes[index + 1], np.float32)
        lib.minnow_network_get_layer(self._handle, index, _arrays.address(weights), _arrays.address(biases))
        return weights, biases

    @property
    def layers(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Copies of all layers' weights and biases."""
        return [self.layer(index) for index in range(len(self))]

    def set_layer(self, index: int, weights=None, biases=None) -> None:
        """Copies weights [inputs][outputs] and biases [outputs] into the network; None leaves them as they are.

        Raises ValueError for other shapes and for an ensemble, IndexError.
        """
        index = self._layer_index(index)
        shapes = ((self.sizes[index], self.sizes[index + 1]), (self.sizes[index + 1],))
        pointers = [None, None]
        kept = []
        for i, (given, shape) in enumerate(zip((weights, biases), shapes)):
            if given is None:
                continue
            values = _arrays.floats(given, ("weights", "biases")[i])
            if values.shape != shape:
                raise ValueError(f"{('weights', 'biases')[i]} of layer {index}: shape {values.shape}, expected {shape}")
            kept.append(values)
            pointers[i] = _arrays.address(values)
        lib.minnow_network_set_layer(self._handle, index, *pointers)

    def _layer_index(self, index: int) -> int:
        if self.member_count > 1:
            raise ValueError(f"an ensemble of {self.member_count} networks has no layers of its own: each member has")
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"layer {index} of {count}")
        return index % count

    def __repr__(self) -> str:
        between = ", ".join(dict.fromkeys(self.activations)) or "linear"
        return f"Network({'-'.join(map(str, self.sizes))}, {between}, {self.loss})"

    def _repr_html_(self) -> str:
        from ._html import network_html

        return network_html(self)

    # ---- What it makes of samples ----

    def forward(self, X, *, threads: int = 0) -> np.ndarray:
        """The outputs [samples][outputs] of samples [samples][inputs], float32: probabilities, or numbers.

        float32 in C order is read in place. uint8 is multiplied by the network's input scaling. A sample's outputs
        are the same, to the last bit, alone or among others, on one thread or several. threads is at most how many
        work; 0: as pays. Raises ValueError for another number of inputs, and for numbers too large for a float.
        """
        return _predicting.forward(self, X, threads)

    __call__ = forward

    def predict(self, X, *, threads: int = 0) -> np.ndarray:
        """Of losses with classes, the number of the largest output [samples]; of the others the outputs themselves."""
        outputs = self.forward(X, threads=threads)
        return outputs if self.loss in ("mse", "mae", "huber") else outputs.argmax(axis=1)

    def evaluate(self, data: Dataset, *, threads: int = 0) -> dict:
        """The mean loss and the accuracy on a dataset: {"loss", "accuracy", "correct", "total"}."""
        evaluation = initialised(_library.Evaluation, lib.minnow_evaluation_init)
        lib.minnow_network_evaluate(self._handle, data._handle, threads, ctypes.byref(evaluation), None)
        return {
            "loss": evaluation.loss,
            "accuracy": evaluation.correct / evaluation.total,
            "correct": evaluation.correct,
            "total": evaluation.total,
        }

    # ---- What its loss asks of it ----

    def gradients(self, data, labels=None, *, targets=None, threads: int = 0):
        """The mean loss of a mini-batch and its gradients: (loss, [(∂C/∂W [inputs][outputs], ∂C/∂b [outputs]), …]).

        data is a Dataset, or samples with labels or targets. The values are the floats that training computes.
        """
        batch = data if isinstance(data, Dataset) else self._dataset(data, labels, targets)
        result = [(np.empty_like(weights), np.empty_like(biases)) for weights, biases in self.layers]
        pointers = [
            (ctypes.c_void_p * len(self))(*(_arrays.address(pair[part]) for pair in result)) for part in (0, 1)
        ]
        loss = ctypes.c_double()
        lib.minnow_network_gradients(self._handle, batch._handle, threads, ctypes.byref(loss), *pointers)
        return loss.value, result

    def _dataset(self, X, labels, targets) -> Dataset:
        if not _arrays.is_sparse(X):
            X = _predicting.inputs(self, X)
        return Dataset(X, labels, targets=targets, classes=None if labels is None else self._outputs)

    def trace(self, x, label: int | None = None, *, targets=None) -> dict:
        """One sample's way forward and, with a label or targets, backward.

        Returns lists with an array for each layer of weights: "sums" z, "activations" a, and with an answer also
        "deltas" ∂C/∂z, "weight_gradients", "bias_gradients"; "input_gradient" [inputs]; and "loss".
        """
        from ._trace import trace

        return trace(self, x, label, targets)

    def explain(self, x, label: int | None = None) -> dict:
        """Which inputs speak for an output.

        Returns {"label", "probability", "saliency"}: the output that is explained (by default the largest), its
        value, and [inputs] floats: how much each input, at its value, lowers the loss of that answer to first order,
        −x · ∂C/∂x. Of numbers to predict, label says which; then it is how much the input raises the number.
        """
        from ._trace import explain

        return explain(self, x, label)


def _unpickle(data: bytes, history: list) -> Network:
    network = Network.from_bytes(data)
    network.history = history
    return network


def activation_array(activation, count: int):
    """A C array of enumerators from one name for all layers, or one for each."""
    names = [activation] * count if isinstance(activation, str) else list(activation)
    if len(names) == 1 and count > 1:
        names *= count
    if len(names) != count:
        raise ValueError(f"{len(names)} activations, expected one, or {count}: one for each hidden layer")
    numbers = [enumerator("activation", ACTIVATIONS, name) for name in names]
    return (ctypes.c_int * max(count, 1))(*numbers)


def load(path, **options) -> Network:
    """Reads a network; see Network.load."""
    return Network.load(path, **options)


def save(network: Network, path, **options) -> None:
    """Writes a network; see Network.save."""
    network.save(path, **options)
