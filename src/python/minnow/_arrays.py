"""From what people have to what the engine takes: float32 or bytes in C order, copied only where they must be."""

from __future__ import annotations

import math

import numpy as np

# What the engine reads in place.
_DIRECT = (np.dtype(np.float32), np.dtype(np.uint8))


def address(array: np.ndarray) -> int:
    """Where an array's elements lie. A tenth of the time of array.ctypes.data."""
    return array.__array_interface__["data"][0]


def is_sparse(values) -> bool:
    """Whether these are one of SciPy's sparse matrices or arrays. SciPy itself is not imported."""
    return hasattr(values, "tocsr") and hasattr(values, "nnz")


def floats(values, what: str = "array") -> np.ndarray:
    """float32 in C order: the array itself where it is that already. Raises ValueError for what are no numbers."""
    if type(values) is np.ndarray and values.dtype == np.float32 and values.flags.c_contiguous:
        return values
    array = np.asarray(values)
    if array.dtype.kind == "c":
        raise ValueError(f"{what}: complex numbers, expected real ones")
    if array.dtype.kind not in "fiub":
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"{what}: values of type {array.dtype}, expected numbers") from None
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)


def samples(values, what: str = "X") -> np.ndarray:
    """As floats(), but raises ValueError where a finite number is beyond what float32 holds, and would be infinite."""
    array = floats(values, what)
    if array is not values:
        with np.errstate(over="ignore", invalid="ignore"):
            suspect = not math.isfinite(np.add.reduce(array, None))
        if suspect and (np.isinf(array) & np.isfinite(np.asarray(values, np.float64))).any():
            raise ValueError(f"{what}: a number is too large; floats end at 3.4e38")
    return array


def features(values, what: str = "X") -> np.ndarray:
    """Samples [count][features], bytes or float32 in C order. More dimensions than two are flattened."""
    array = np.asarray(values)
    if array.ndim < 2:
        raise ValueError(f"{what}: {array.ndim} dimensions, expected [samples][features]")
    if array.shape[0] == 0 or array.size == 0:
        raise ValueError(f"{what}: shape {array.shape}, expected at least one sample and one feature")
    if array.dtype not in _DIRECT:
        array = floats(array, what)
    return np.require(array, requirements="CA").reshape(array.shape[0], -1)


def labels(values, count: int, what: str = "labels") -> np.ndarray:
    """Class numbers [count] as uint32. Raises ValueError for other numbers than 0, 1, 2, …"""
    array = np.asarray(values)
    if array.shape != (count,):
        raise ValueError(f"{what}: shape {array.shape}, expected ({count},): one for each sample")
    if array.dtype.kind not in "iub":
        raise ValueError(f"{what}: values of type {array.dtype}, expected integers; numbers to predict are targets=")
    if array.size and (int(array.min()) < 0 or int(array.max()) >= 65536):
        raise ValueError(f"{what}: {array.min()} to {array.max()}, expected 0 to 65535")
    return np.ascontiguousarray(array, dtype=np.uint32)
