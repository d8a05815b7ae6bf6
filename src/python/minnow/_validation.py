"""What estimators accept: scikit-learn's own checks where it is installed, and the same demands where it is not."""

from __future__ import annotations

import math
import numbers
import warnings

import numpy as np

from . import _arrays
from ._base import HAVE_SKLEARN, NotFittedError

if HAVE_SKLEARN:
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import column_or_1d

    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before scikit-learn 1.6

        def validate_data(estimator, *arrays, **options):
            return estimator._validate_data(*arrays, **options)


_sum = np.add.reduce
DTYPES = (np.float64, np.float32, np.uint8)

# ---- Parameters: what each may be, in the words of scikit-learn's messages ----


def _real(low, high, closed):
    """Numbers between two, of which `closed` says whether they are themselves allowed: "[)", "()", …"""
    text = f"a float in the range {closed[0]}{float(low)}, {'inf' if high is None else float(high)}{closed[1]}"

    def fits(value) -> bool:
        if not isinstance(value, numbers.Real) or isinstance(value, (bool, np.bool_)) or np.isnan(value):
            return False
        above = value >= low if closed[0] == "[" else value > low
        return above and (high is None or (value <= high if closed[1] == "]" else value < high))

    return fits, text


def _whole(low):
    def fits(value) -> bool:
        return isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_)) and value >= low

    return fits, f"an int in the range [{low}, inf)"


def _one_of(*names):
    listed = ", ".join(repr(name) for name in sorted(names))
    return (lambda value: isinstance(value, str) and value in names), f"a str among {{{listed}}}"


def _boolean():
    return (lambda value: isinstance(value, (bool, np.bool_))), "an instance of 'bool' or an instance of 'numpy.bool'"


def _nothing():
    return (lambda value: value is None), "None"


def _fraction_or_list():
    single, text = _real(0, 1, "[)")

    def fits(value) -> bool:
        if single(value):
            return True
        return isinstance(value, (list, tuple, np.ndarray)) and np.ndim(value) == 1 and all(map(single, value))

    return fits, f"{text} or a list of such"


ACTIVATIONS = ("identity", "logistic", "tanh", "relu", "leaky_relu", "gelu", "silu", "scaled_tanh")
_SHARED = {
    "hidden_layer_sizes": [
        ((lambda value: isinstance(value, (list, tuple, np.ndarray))), "an array-like"),
        _whole(1),
    ],
    "activation": [_one_of(*ACTIVATIONS)],
    "solver": [_one_of("lbfgs", "sgd", "adam")],
    "alpha": [_real(0, None, "[)")],
    "batch_size": [_one_of("auto"), _whole(1)],
    "learning_rate": [_one_of("constant", "invscaling", "adaptive")],
    "learning_rate_init": [_real(0, None, "()")],
    "power_t": [_real(0, None, "[)")],
    "max_iter": [_whole(1)],
    "shuffle": [_boolean()],
    "tol": [_real(0, None, "[)")],
    "verbose": [((lambda value: isinstance(value, (numbers.Integral, np.bool_)) and value >= 0), "a bool or an int")],
    "warm_start": [_boolean()],
    "momentum": [_real(0, 1, "[]")],
    "nesterovs_momentum": [_boolean()],
    "early_stopping": [_boolean()],
    "validation_fraction": [_real(0, 1, "[)")],
    "beta_1": [_real(0, 1, "[)")],
    "beta_2": [_real(0, 1, "[)")],
    "epsilon": [_real(0, None, "()")],
    "n_iter_no_change": [_whole(1), ((lambda value: value == np.inf), "inf")],
    "max_fun": [_whole(1)],
    "class_weight": [_nothing(), _one_of("balanced"), ((lambda value: isinstance(value, dict)), "a dict")],
    "dropout": [_fraction_or_list()],
    "n_jobs": [_nothing(), ((lambda value: isinstance(value, numbers.Integral) and value != 0), "an int but 0")],
    "callbacks": [_nothing(), ((lambda value: isinstance(value, (list, tuple))), "a list of callables")],
}
_LOSS = _one_of("squared_error", "absolute_error", "huber")


def check_parameters(estimator) -> None:
    """Raises ValueError for the first parameter that is not what it may be."""
    rules = dict(_SHARED)
    if hasattr(estimator, "loss"):
        rules["loss"] = [_LOSS]
    for name, allowed in rules.items():
        if not hasattr(estimator, name):
            continue
        value = getattr(estimator, name)
        if any(fits(value) for fits, _ in allowed):
            continue
        texts = [text for _, text in allowed]
        words = texts[0] if len(texts) == 1 else ", ".join(texts[:-1]) + " or " + texts[-1]
        raise ValueError(
            f"The {name!r} parameter of {type(estimator).__name__} must be {words}. Got {value!r} instead."
        )


def sample_weights(weights, count: int):
    """float64 [samples], or None. Raises ValueError for other shapes, and for what is not finite or below 0."""
    if weights is None:
        return None
    try:
        array = np.asarray(weights).astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError("Sample weights must be numbers") from None
    if array.ndim == 0:
        array = np.full(count, array)
    if array.ndim != 1:
        raise ValueError("Sample weights must be 1D array or scalar")
    if array.shape != (count,):
        raise ValueError(f"sample_weight.shape == {array.shape}, expected {(count,)}!")
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError("sample_weight has values that are NaN, infinite or below 0")
    if not array.any():
        raise ValueError("sample_weight is zero for all samples")
    return array


def class_weights(given, classes: np.ndarray, y: np.ndarray):
    """What each sample weighs by its class [samples], or None. given: a dict, "balanced", or None."""
    if given is None:
        return None
    found, places, counts = np.unique(y, return_inverse=True, return_counts=True)
    if isinstance(given, str):
        return (len(y) / (len(found) * counts))[places]
    unknown = [name for name in given if name not in classes]
    if unknown:
        raise ValueError(f"The classes, {unknown}, are not in class_weight's data, which has {list(classes)}")
    return np.array([float(given.get(one, 1.0)) for one in found.tolist()])[places]


def hidden_sizes(estimator) -> list[int]:
    """The hidden layers as a list. Raises ValueError, in scikit-learn's words."""
    given = estimator.hidden_layer_sizes
    sizes = list(given) if hasattr(given, "__iter__") else [given]
    if any(not isinstance(size, numbers.Real) or size <= 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def random_state(seed) -> np.random.RandomState:
    """NumPy's own generator for None, a new one for a number, or the one that is given."""
    if seed is None or seed is np.random:
        return np.random.mtrand._rand
    if isinstance(seed, numbers.Integral):
        return np.random.RandomState(seed)
    if isinstance(seed, np.random.RandomState):
        return seed
    raise ValueError(f"{seed!r} cannot be used to seed a numpy.random.RandomState instance")


# ---- Samples ----


def check_fitted(estimator) -> None:
    """Raises NotFittedError, in scikit-learn's words."""
    if "network_" not in estimator.__dict__:
        raise NotFittedError(
            f"This {type(estimator).__name__} instance is not fitted yet. Call 'fit' with appropriate arguments "
            "before using this estimator."
        )


def check_samples(estimator, X):
    """The samples to predict from: an array of bytes or floats, or one of SciPy's sparse matrices."""
    if HAVE_SKLEARN:
        with np.errstate(over="ignore", invalid="ignore"):  # it sums them up, and says itself what is not finite
            return validate_data(estimator, X, accept_sparse=["csr", "csc"], dtype=DTYPES, reset=False)
    X = _plain_samples(X)
    if X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input"
        )
    return X


def check_training(estimator, X, y, *, reset: bool, numeric: bool):
    """Samples and their answers, which are [samples] or [samples][outputs]."""
    if HAVE_SKLEARN:
        X, y = validate_data(
            estimator, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=numeric, dtype=DTYPES, reset=reset
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y
    X, y = _plain_samples(X), np.asarray(y)
    if reset:
        _note_features(estimator, X)
    elif X.shape[1] != estimator.n_features_in_:
        return check_samples(estimator, X), y
    if y.ndim == 0 or len(y) != X.shape[0]:
        raise ValueError(f"Found input variables with inconsistent numbers of samples: {[X.shape[0], y.size]}")
    if y.ndim == 2 and y.shape[1] == 1:
        warnings.warn("A column-vector y was passed when a 1d array was expected.", stacklevel=3)
        y = y.ravel()
    if numeric and not np.isfinite(np.asarray(y, np.float64)).all():
        raise ValueError("Input y contains NaN or infinity.")
    return X, y


def _note_features(estimator, X) -> None:
    estimator.n_features_in_ = X.shape[1]


def _plain_samples(X):
    if _arrays.is_sparse(X):
        X = X.tocsr()
        if not np.isfinite(X.data).all():
            raise ValueError("Input X contains NaN or infinity.")
        return X
    X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError(f"Expected 2D array, got {X.ndim}D array instead. Reshape your data.")
    if X.dtype.kind == "c":
        raise ValueError("Complex data not supported")
    if X.dtype not in [np.dtype(one) for one in DTYPES]:
        X = X.astype(np.float64)
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise ValueError(f"Found array with shape={X.shape} while a minimum of 1 sample and 1 feature is required.")
    if X.dtype != np.uint8 and not np.isfinite(X).all():
        raise ValueError("Input X contains NaN or infinity.")
    return X


def quickly_checked(estimator, X) -> bool:
    """Whether these are samples that need no further check, found out in little time: a finite array of floats."""
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.char not in "fd":
        return False
    known = estimator.__dict__
    count, features = X.shape
    if count == 0 or features != known["n_features_in_"] or "feature_names_in_" in known:
        return False
    return has_finite_sum(X)


def has_finite_sum(array: np.ndarray) -> bool:
    """Whether all are finite, found out in little time; False also where only their sum is not."""
    with np.errstate(over="ignore", invalid="ignore"):
        return math.isfinite(_sum(array, None))


def is_multilabel(y) -> bool:
    """Whether y says of each class whether a sample belongs to it. Raises ValueError for what are no classes."""
    if HAVE_SKLEARN:
        check_classification_targets(y)
        if type_of_target(y) == "multiclass-multioutput":
            raise ValueError("Multioutput target data is not supported with label binarization")
        return type_of_target(y).startswith("multilabel")
    if y.dtype.kind == "f" and (not np.isfinite(y).all() or (y != y.astype(int)).any()):
        raise ValueError(
            "Unknown label type: continuous. Maybe you are trying to fit a classifier, which expects discrete classes "
            "on a regression target with continuous values."
        )
    if y.ndim == 2 and not np.isin(y, (0, 1)).all():
        raise ValueError("Multioutput target data is not supported with label binarization")
    return y.ndim == 2
