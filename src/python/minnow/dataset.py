"""Samples in the engine's memory."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np

from . import _arrays
from ._library import SUBSETS, enumerator, lib, path_bytes, whole


class Dataset:
    """Samples of a fixed number of features, each with a label or with targets.

    Parameters
    ----------
    X : array [samples][features], or [samples][height][width]
        uint8 and float32 in C order are read where they are, and not to be changed while the dataset exists, as with
        torch.from_numpy; everything else becomes float32. One of SciPy's sparse matrices is copied, and stays sparse.
    labels : array of int [samples], optional
        Class numbers from 0.
    targets : array [samples][outputs] or [samples], optional
        In place of labels: numbers to predict, or the classes that each sample belongs to, as 0 and 1.
    classes : int, optional
        The number of classes: by default, the largest label and one.
    weights : array [samples], optional
        How much each sample counts, at least 0: the loss of a mini-batch is the weighted mean.
    scale : float, optional
        Of bytes: a feature is byte × scale. By default 1/256, as the command line has it.
    copy : bool, default=False
        Whether to copy what would be read where it is, so that X may be changed afterwards.

    Raises
    ------
    ValueError
        Shapes that do not fit each other, values that are not finite, labels that are no class numbers.
    MemoryError
    """

    def __init__(self, X, labels=None, *, targets=None, classes=None, weights=None, scale=None, copy=False):
        if (labels is None) == (targets is None):
            raise ValueError("a dataset takes labels or targets, and one of them")
        if targets is not None and classes is not None:
            raise ValueError("classes is of labels; targets have an output for each column")
        sparse = _arrays.is_sparse(X)
        values = X if sparse else _arrays.features(X)
        count = values.shape[0]
        if targets is not None:
            targets = _targets(targets, count)
            numbers, outputs = np.zeros(count, np.uint32), targets.shape[1]
        else:
            numbers = _arrays.labels(labels, count)
            outputs = int(numbers.max()) + 1 if classes is None else whole("classes", classes)
        if scale is not None and (sparse or values.dtype != np.uint8):
            raise ValueError("scale is for features that are bytes (uint8)")

        if sparse:
            self._take(_create_sparse(values, numbers, outputs))
        else:
            values = values.copy() if copy and np.may_share_memory(values, X) else values
            self._take(_create_dense(values, numbers, outputs, 1 / 256 if scale is None else scale), values)
        if targets is not None:
            lib.minnow_dataset_set_targets(self._handle, _arrays.address(targets), outputs)
        if weights is not None:
            self._set_weights(_arrays.floats(weights, "weights"))
        shape = np.shape(X)
        if len(shape) == 3:
            lib.minnow_dataset_set_image_size(self._handle, shape[1], shape[2])

    def _set_weights(self, weights: np.ndarray) -> None:
        if weights.ndim != 1:
            raise ValueError(f"weights: shape {weights.shape}, expected one for each sample")
        lib.minnow_dataset_set_weights(self._handle, _arrays.address(weights), len(weights))

    def _take(self, handle: ctypes.c_void_p, borrowed: np.ndarray | None = None) -> None:
        self._handle = handle
        self._trainers: weakref.WeakSet = weakref.WeakSet()
        # The finalizer's arguments live as long as it: what the library reads is there until the dataset is freed.
        self._release = weakref.finalize(self, _free, handle, borrowed)
        # At the interpreter's exit a daemon thread may still be inside the library: the process frees it all anyway.
        self._release.atexit = False

    def __reduce__(self):
        raise TypeError("a Dataset can be neither copied nor pickled: its samples are in the engine's memory")

    @classmethod
    def _of(cls, handle: ctypes.c_void_p) -> Dataset:
        dataset = cls.__new__(cls)
        dataset._take(handle)
        return dataset

    @classmethod
    def open(cls, folder, subset: str = "train", *, classes: int = 10) -> Dataset:
        """Reads MNIST-named IDX files, or the original program's CSV files, from a folder.

        subset is "train" or "test". Raises FileNotFoundError, and ValueError for files that are not what they
        claim to be.
        """
        handle = ctypes.c_void_p()
        number = enumerator("subset", SUBSETS, subset)
        lib.minnow_dataset_open(path_bytes(folder), number, whole("classes", classes), ctypes.byref(handle))
        return cls._of(handle)

    @classmethod
    def digits(cls, subset: str = "train", count: int = 12000, seed: int = 1) -> Dataset:
        """Draws digits of 28×28 pixels that look handwritten, the same for the same seed everywhere."""
        handle = ctypes.c_void_p()
        number, count, seed = enumerator("subset", SUBSETS, subset), whole("count", count), whole("seed", seed)
        lib.minnow_dataset_digits(number, count, seed, ctypes.byref(handle))
        return cls._of(handle)

    def hold_out(self, count: int, seed: int = 1) -> Dataset:
        """Moves about `count` samples, drawn by the seed, of each class its share, to a new dataset.

        Raises ValueError while a Trainer trains on this dataset: it counts on the samples to stay where they are.
        """
        if any(trainer._release.alive for trainer in list(self._trainers)):
            raise ValueError("samples cannot be held out of a dataset that a Trainer trains on: hold them out before")
        handle = ctypes.c_void_p()
        lib.minnow_dataset_hold_out(self._handle, whole("count", count), whole("seed", seed), ctypes.byref(handle))
        return self._of(handle)

    def __len__(self) -> int:
        return lib.minnow_dataset_count(self._handle)

    @property
    def features(self) -> int:
        """How many features a sample has."""
        return lib.minnow_dataset_features(self._handle)

    @property
    def classes(self) -> int:
        """How many classes, or targets, there are."""
        return lib.minnow_dataset_classes(self._handle)

    @property
    def has_targets(self) -> bool:
        """Whether samples have targets in place of labels."""
        return lib.minnow_dataset_targets(self._handle, 0) is not None

    @property
    def labels(self) -> np.ndarray:
        """The labels [samples], uint32; all 0 where there are targets."""
        return np.array([lib.minnow_dataset_label(self._handle, i) for i in range(len(self))], np.uint32)

    @property
    def targets(self) -> np.ndarray | None:
        """The targets [samples][outputs], float32, or None."""
        first = lib.minnow_dataset_targets(self._handle, 0)
        if first is None:
            return None
        shape = (len(self), self.classes)
        flat = (ctypes.c_float * (shape[0] * shape[1])).from_address(first)
        return np.frombuffer(flat, np.float32).reshape(shape).copy()

    @property
    def weights(self) -> np.ndarray:
        """How much each sample counts [samples], float64; 1 unless it was set."""
        return np.array([lib.minnow_dataset_weight(self._handle, i) for i in range(len(self))])

    def __getitem__(self, index: int) -> np.ndarray:
        """The features [features] of a sample, float32. Raises IndexError."""
        count = len(self)
        if not -count <= index < count:
            raise IndexError(f"sample {index} of {count}")
        sample = np.empty(self.features, np.float32)
        lib.minnow_dataset_sample(self._handle, index % count, _arrays.address(sample))
        return sample

    def __repr__(self) -> str:
        kind = "targets" if self.has_targets else "classes"
        return f"Dataset({len(self)} samples of {self.features} features, {self.classes} {kind})"


def _free(handle: ctypes.c_void_p, borrowed: np.ndarray | None) -> None:
    lib.minnow_dataset_free(handle)


def _targets(values, count: int) -> np.ndarray:
    targets = _arrays.floats(values, "targets")
    if targets.ndim == 1:
        targets = targets.reshape(-1, 1)
    if targets.ndim != 2 or targets.shape[0] != count:
        raise ValueError(f"targets: shape {np.shape(values)}, expected {count} rows: one for each sample")
    return targets


def _create_dense(values: np.ndarray, numbers: np.ndarray, outputs: int, scale: float) -> ctypes.c_void_p:
    """A dataset that reads the values where they are."""
    handle = ctypes.c_void_p()
    count, width = values.shape
    where = (_arrays.address(values), _arrays.address(numbers), count, width, outputs)
    if values.dtype == np.uint8:
        lib.minnow_dataset_borrow_bytes(*where, scale, ctypes.byref(handle))
    else:
        lib.minnow_dataset_borrow_floats(*where, ctypes.byref(handle))
    return handle


def _create_sparse(values, numbers: np.ndarray, outputs: int) -> ctypes.c_void_p:
    """Of a matrix in SciPy's manner; its rows become the engine's lists without a dense copy."""
    rows = values.tocsr()
    if not rows.has_canonical_format:
        rows = rows.copy() if rows is values else rows
        rows.sum_duplicates()
    starts = np.ascontiguousarray(rows.indptr, np.uintp)
    indices = np.ascontiguousarray(rows.indices, np.uint32)
    entries = _arrays.floats(rows.data, "X")
    handle = ctypes.c_void_p()
    lib.minnow_dataset_from_sparse(
        _arrays.address(starts),
        _arrays.address(indices),
        _arrays.address(entries),
        _arrays.address(numbers),
        *rows.shape,
        outputs,
        ctypes.byref(handle),
    )
    return handle
