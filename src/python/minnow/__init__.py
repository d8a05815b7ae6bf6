"""minnow: multilayer perceptrons on CPUs, fast, and the same bits everywhere.

    import minnow
    data = minnow.Dataset.digits()
    network = minnow.train(data, hidden=(128, 64), epochs=3)
    network.save("digits.safetensors")

`minnow.MLPClassifier` and `minnow.MLPRegressor` have scikit-learn's manners. Nothing but numpy is needed; scikit-learn,
SciPy, pandas and PyTorch are used where they are.
"""

from __future__ import annotations

from ._library import DivergedError, lib
from .dataset import Dataset
from .network import Metadata, Network, load, save
from .training import Trainer, train

__version__ = lib.minnow_version().decode()

__all__ = [
    "Dataset",
    "DivergedError",
    "MLPClassifier",
    "MLPRegressor",
    "Metadata",
    "Network",
    "Trainer",
    "from_onnx",
    "from_torch",
    "load",
    "save",
    "to_torch",
    "train",
]

# What is found only when it is asked for: the estimators import scikit-learn, where that is installed.
_LATER = {
    "MLPClassifier": "estimators",
    "MLPRegressor": "estimators",
    "from_onnx": "interchange",
    "from_torch": "interchange",
    "to_torch": "interchange",
}


def __getattr__(name: str):
    if name not in _LATER:
        raise AttributeError(f"module 'minnow' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module("." + _LATER[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
