"""What a network makes of samples: one quickly, many on several threads, sparse ones in blocks."""

from __future__ import annotations

import ctypes
import math
import os
import threading

import numpy as np

from . import _arrays
from ._library import error, lib

# Rows of a sparse matrix that are made dense at a time, to predict.
_SPARSE_BLOCK = 1024
# Multiplications below which a second thread costs more than it brings.
_THREAD_WORK = 20_000_000
# A sum of squares below it is that of finite numbers each of which is a finite float, too.
_MOST_SQUARED = 1e76

_predict = lib.minnow_network_predict
# Another object for the same function, which checks neither arguments nor result: that takes half a microsecond.
_predict_unchecked = lib["minnow_network_predict"]
_predict_unchecked.restype = ctypes.c_int


class Room:
    """Where one sample and its outputs lie while they are predicted, at addresses that need not be asked for again."""

    __slots__ = ("arguments", "inputs", "outputs")

    def __init__(self, address: int, width: int, outputs: int):
        self.inputs, self.outputs = np.empty((1, width), np.float32), np.empty((1, outputs), np.float32)
        places = [ctypes.c_void_p(_arrays.address(array)) for array in (self.inputs, self.outputs)]
        self.arguments = (ctypes.c_void_p(address), places[0], ctypes.c_size_t(1), None, places[1])


def one_row(network, X: np.ndarray):
    """The outputs [1][outputs] of one sample [1][features] of floats or doubles, in that type.

    None where a number of either is not finite, or so large that this must be found out in the ordinary way.
    """
    if not float(np.vdot(X, X)) < _MOST_SQUARED:  # of all products, the one that never warns
        return None
    try:
        room = network._rooms.pop()  # a list's pop and append are safe between threads
    except IndexError:
        room = Room(network._address, network._width, network._outputs)
    room.inputs[...] = X
    status = _predict_unchecked(*room.arguments)
    if status != 0:
        raise error(status, lib.minnow_last_error().decode("utf-8", "replace"))
    finite = math.isfinite(np.vdot(room.outputs, room.outputs))
    outputs = room.outputs.astype(X.dtype)
    network._rooms.append(room)
    return outputs if finite else None


def forward(network, X, threads: int) -> np.ndarray:
    """As Network.forward, whose words on it hold here."""
    if type(X) is not np.ndarray or X.dtype != np.float32 or X.ndim != 2 or not X.flags.carray:
        if _arrays.is_sparse(X):
            return _forward_sparse(network, X.tocsr())
        X = inputs(network, X)
    count, width = X.shape
    if width != network._width:
        raise ValueError(f"X has {width} features, but the network takes {network._width}")
    outputs = np.empty((count, network._outputs), np.float32)
    if count == 0:
        return outputs
    if count * width * network.sizes[1] > _THREAD_WORK and threads != 1:
        _forward_parallel(network, X, outputs, threads)
    else:
        _predict(network._address, _arrays.address(X), count, None, _arrays.address(outputs))
    return outputs


def inputs(network, X) -> np.ndarray:
    """float32 [samples][inputs] in C order. Bytes are scaled."""
    array = np.asarray(X)
    if array.ndim < 2:
        raise ValueError(f"X: {array.ndim} dimensions, expected [samples][features]")
    if array.dtype == np.uint8:
        array = array * np.float32(lib.minnow_network_input_scaling(network._handle))
    return _arrays.samples(array, "X").reshape(array.shape[0], math.prod(array.shape[1:]))


def _forward_sparse(network, rows) -> np.ndarray:
    """In blocks, of which each is dense for a moment."""
    outputs = np.empty((rows.shape[0], network._outputs), np.float32)
    for first in range(0, rows.shape[0], _SPARSE_BLOCK):
        block = _arrays.samples(rows[first : first + _SPARSE_BLOCK].toarray(), "X")
        outputs[first : first + block.shape[0]] = forward(network, block, 1)
    return outputs


def _forward_parallel(network, X: np.ndarray, outputs: np.ndarray, threads: int) -> None:
    """Threads of Python's, as the library's own predicts on the calling thread and leaves the GIL."""
    available = available_threads()
    threads = min(threads or available, available, max(1, X.shape[0] // 64))
    edges = [len(X) * i // threads for i in range(threads + 1)]
    problems: list[BaseException] = []

    def run(first: int, end: int) -> None:
        place = _arrays.address(X) + first * network._width * 4
        _predict(network._address, place, end - first, None, _arrays.address(outputs) + first * network._outputs * 4)

    def work(first: int, end: int) -> None:
        try:
            run(first, end)
        except BaseException as problem:  # a thread's own would be printed, and the outputs be rubbish
            problems.append(problem)

    others = []
    try:
        for pair in zip(edges[1:-1], edges[2:]):
            thread = threading.Thread(target=work, args=pair)
            try:
                thread.start()
            except RuntimeError:  # no more threads, or no new ones at the interpreter's exit
                work(*pair)
            else:
                others.append(thread)
        work(edges[0], edges[1])
    finally:
        for thread in others:
            thread.join()
    if problems:
        raise problems[0]


def available_threads() -> int:
    """The processors that this process may use, or OMP_NUM_THREADS if that is fewer."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return min(processors, int(asked)) if asked.isdigit() and int(asked) > 0 else processors
