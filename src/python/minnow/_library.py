"""libminnow through ctypes: its structs, its functions, and what its errors become."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_bool, c_char_p, c_double, c_float, c_int, c_size_t, c_uint, c_uint32, c_uint64, c_void_p

# ---- Names of the enumerators of minnow.h, in their order; the command line has the same ----

ACTIVATIONS = ("relu", "sigmoid", "tanh", "identity", "leaky_relu", "gelu", "silu", "scaled_tanh")
LOSSES = ("softmax", "logistic", "quadratic", "mse", "mae", "huber")
INITS = ("scaled", "normal", "zero", "he", "glorot", "lecun", "orthogonal")
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "linear", "cosine", "step", "exponential", "one_cycle", "plateau")
SPARSITIES = ("auto", "on", "off")
PLANS = ("auto", "model", "samples", "columns")
SUBSETS = ("train", "test")

NO_LABEL = 0xFFFFFFFF


def enumerator(what: str, names: tuple[str, ...], name: str) -> int:
    """The number of a name. Raises ValueError, which lists the names there are."""
    try:
        return names.index(name)
    except ValueError:
        raise ValueError(f"{what} is {name!r}, expected one of {', '.join(names)}") from None


# ---- Structs, which a program sizes itself: an older package works with a newer library ----


class NetworkConfig(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("layer_sizes", POINTER(c_size_t)),
        ("layer_count", c_size_t),
        ("activation", c_int),
        ("activations", POINTER(c_int)),
        ("loss", c_int),
        ("init", c_int),
        ("seed", c_uint64),
        ("isa", c_char_p),
    ]


class ForeignConfig(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("activation", c_int),
        ("activations", POINTER(c_int)),
        ("activation_count", c_size_t),
        ("loss", c_int),
        ("isa", c_char_p),
    ]


class DistortionConfig(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("shift", c_double),
        ("rotation", c_double),
        ("scale", c_double),
        ("shear", c_double),
        ("elastic_alpha", c_double),
        ("elastic_sigma", c_double),
        ("elastic_fields", c_size_t),
        ("gentle_classes", c_uint64),
    ]


class TrainingConfig(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("batch", c_size_t),
        ("epochs", c_size_t),
        ("optimizer", c_int),
        ("learning_rate", c_double),
        ("schedule", c_int),
        ("warmup_epochs", c_double),
        ("shuffle", c_bool),
        ("seed", c_uint64),
        ("sparse", c_int),
        ("threads", c_uint),
        ("momentum", c_double),
        ("beta1", c_double),
        ("beta2", c_double),
        ("epsilon", c_double),
        ("weight_decay", c_double),
        ("l2", c_double),
        ("max_norm", c_double),
        ("clip_norm", c_double),
        ("ema", c_double),
        ("distortion", POINTER(DistortionConfig)),
        ("label_smoothing", c_double),
        ("input_dropout", c_double),
        ("dropout_count", c_size_t),
        ("dropout", c_double * 63),
        ("noise", c_double),
        ("mixup", c_double),
        ("plateau_factor", c_double),
        ("plateau_patience", c_size_t),
        ("sub_batches", c_size_t),
        ("comm", c_void_p),
        ("plan", c_uint64),
    ]


class Progress(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("epoch", c_size_t),
        ("epoch_samples", c_size_t),
        ("epoch_done", c_bool),
        ("run_done", c_bool),
        ("train_loss", c_double),
        ("train_accuracy", c_double),
        ("epoch_seconds", c_double),
        ("learning_rate", c_double),
        ("gradient_norm", c_double),
    ]


class Evaluation(ctypes.Structure):
    _fields_ = [("struct_size", c_size_t), ("total", c_size_t), ("correct", c_size_t), ("loss", c_double)]


class Trace(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("label", c_uint32),
        ("loss", c_float),
        ("sums", POINTER(c_void_p)),
        ("activations", POINTER(c_void_p)),
        ("deltas", POINTER(c_void_p)),
        ("weight_gradients", POINTER(c_void_p)),
        ("bias_gradients", POINTER(c_void_p)),
        ("input_gradient", c_void_p),
        ("targets", c_void_p),
    ]


# ---- Functions: what each returns, and takes. "status" is checked, and raises ----

_HANDLE = c_void_p
_OUT = POINTER(c_void_p)
_FUNCTIONS = {
    "last_error": (c_char_p, []),
    "version": (c_char_p, []),
    "dataset_open": ("status", [c_char_p, c_int, c_size_t, _OUT]),
    "dataset_digits": ("status", [c_int, c_size_t, c_uint64, _OUT]),
    "dataset_borrow_bytes": ("status", [c_void_p, c_void_p, c_size_t, c_size_t, c_size_t, c_float, _OUT]),
    "dataset_borrow_floats": ("status", [c_void_p, c_void_p, c_size_t, c_size_t, c_size_t, _OUT]),
    "dataset_from_sparse": ("status", [c_void_p] * 4 + [c_size_t] * 3 + [_OUT]),
    "dataset_hold_out": ("status", [_HANDLE, c_size_t, c_uint64, _OUT]),
    "dataset_split": ("status", [_HANDLE, c_size_t, _OUT]),
    "dataset_set_image_size": ("status", [_HANDLE, c_size_t, c_size_t]),
    "dataset_set_targets": ("status", [_HANDLE, c_void_p, c_size_t]),
    "dataset_set_weights": ("status", [_HANDLE, c_void_p, c_size_t]),
    "dataset_weight": (c_double, [_HANDLE, c_size_t]),
    "dataset_count": (c_size_t, [_HANDLE]),
    "dataset_features": (c_size_t, [_HANDLE]),
    "dataset_classes": (c_size_t, [_HANDLE]),
    "dataset_label": (c_uint32, [_HANDLE, c_size_t]),
    "dataset_sample": ("status", [_HANDLE, c_size_t, c_void_p]),
    "dataset_targets": (c_void_p, [_HANDLE, c_size_t]),
    "dataset_free": (None, [_HANDLE]),
    "distortion_config_init": (None, [c_void_p, c_size_t]),
    "dataset_distort": ("status", [_HANDLE, POINTER(DistortionConfig), c_uint64, c_size_t, c_uint, _OUT]),
    "network_config_init": (None, [c_void_p, c_size_t]),
    "network_create": ("status", [POINTER(NetworkConfig), _OUT]),
    "ensemble_create": ("status", [POINTER(c_void_p), c_size_t, _OUT]),
    "network_member_count": (c_size_t, [_HANDLE]),
    "network_free": (None, [_HANDLE]),
    "network_layer_count": (c_size_t, [_HANDLE]),
    "network_layer_size": (c_size_t, [_HANDLE, c_size_t]),
    "network_activation": (c_int, [_HANDLE, c_size_t]),
    "network_loss": (c_int, [_HANDLE]),
    "network_isa": (c_char_p, [_HANDLE]),
    "network_parameter_count": (c_uint64, [_HANDLE]),
    "network_params_crc32": (c_uint32, [_HANDLE]),
    "network_get_layer": ("status", [_HANDLE, c_size_t, c_void_p, c_void_p]),
    "network_set_layer": ("status", [_HANDLE, c_size_t, c_void_p, c_void_p]),
    "network_load": ("status", [c_char_p, c_char_p, _OUT]),
    "foreign_config_init": (None, [c_void_p, c_size_t]),
    "network_load_foreign": ("status", [c_char_p, POINTER(ForeignConfig), _OUT]),
    "network_load_npy": ("status", [c_char_p, POINTER(ForeignConfig), _OUT]),
    "network_load_values": ("status", [c_char_p, c_char_p, _OUT]),
    "network_save": ("status", [_HANDLE, c_char_p]),
    "network_save_npy": ("status", [_HANDLE, c_char_p]),
    "network_save_onnx": ("status", [_HANDLE, c_char_p, c_bool]),
    "network_save_c": ("status", [_HANDLE, c_char_p, c_char_p, c_bool]),
    "network_set_metadata": ("status", [_HANDLE, c_char_p, c_char_p]),
    "network_metadata": (c_char_p, [_HANDLE, c_char_p]),
    "network_metadata_count": (c_size_t, [_HANDLE]),
    "network_metadata_key": (c_char_p, [_HANDLE, c_size_t]),
    "network_input_scaling": (c_float, [_HANDLE]),
    "evaluation_init": (None, [c_void_p, c_size_t]),
    "network_evaluate": ("status", [_HANDLE, _HANDLE, c_uint, POINTER(Evaluation), c_void_p]),
    "network_predict": ("status", [_HANDLE, c_void_p, c_size_t, c_void_p, c_void_p]),
    "trace_init": (None, [c_void_p, c_size_t]),
    "network_trace": ("status", [_HANDLE, c_void_p, POINTER(Trace)]),
    "network_gradients": ("status", [_HANDLE, _HANDLE, c_uint, POINTER(c_double), _OUT, _OUT]),
    "training_config_init": (None, [c_void_p, c_size_t]),
    "training_config_set_optimizer": ("status", [POINTER(TrainingConfig), c_int]),
    "trainer_create": ("status", [_HANDLE, _HANDLE, POINTER(TrainingConfig), _OUT]),
    "progress_init": (None, [c_void_p, c_size_t]),
    "trainer_continue": ("status", [_HANDLE, _HANDLE, POINTER(TrainingConfig), _OUT]),
    "trainer_advance": (c_int, [_HANDLE, c_size_t, POINTER(Progress)]),
    "trainer_set_learning_rate": ("status", [_HANDLE, c_double]),
    "trainer_threads": (c_uint, [_HANDLE]),
    "trainer_keep_best": ("status", [_HANDLE, c_double]),
    "trainer_use_best": (None, [_HANDLE, c_bool]),
    "trainer_tell_loss": ("status", [_HANDLE, c_double]),
    "trainer_use_average": (None, [_HANDLE, c_bool]),
    "trainer_save": ("status", [_HANDLE, c_char_p]),
    "trainer_free": (None, [_HANDLE]),
}


class DivergedError(ValueError):
    """Training reached a loss that is not finite. Lower the learning rate, or scale the inputs."""


def error(status: int, text: str) -> Exception:
    """The exception of a minnow_status: the engine's one line in Python's class for its kind."""
    if status == 2:
        return MemoryError(text)
    if status == 3:
        missing = "No such file" in text or "no such file" in text
        return FileNotFoundError(text) if missing else ValueError(text)
    if status == 4:
        return OSError(text)
    return DivergedError(text) if status == 6 else ValueError(text)


def _check(status: int, function, arguments) -> int:
    if status != 0:
        raise error(status, lib.minnow_last_error().decode("utf-8", "replace"))
    return status


def _candidates() -> list[str]:
    """Where the library may be: as the environment says, inside the package, or where the system has it."""
    here = os.path.dirname(os.path.abspath(__file__))
    named = os.environ.get("MINNOW_LIBRARY")
    return [named] if named else [os.path.join(here, "libminnow.so"), "libminnow.so.0"]


def _open() -> ctypes.CDLL:
    problems = []
    for path in _candidates():
        try:
            return ctypes.CDLL(path)
        except OSError as problem:
            problems.append(str(problem))
    raise ImportError(
        "minnow: the library libminnow.so.0 was not found; install the wheel that tools/wheel makes, or set "
        "MINNOW_LIBRARY to its path (" + "; ".join(problems) + ")"
    )


def _declare(library: ctypes.CDLL) -> None:
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, "minnow_" + name, None)
        if function is None:
            raise ImportError(f"minnow: {library._name} is older than this package: it has no minnow_{name}")
        function.argtypes = arguments
        if result == "status":
            function.restype = c_int
            function.errcheck = _check
        else:
            function.restype = result


lib = _open()
_declare(lib)


def whole(name: str, value, bits: int = 64) -> int:
    """A whole number that fits into so many bits, of which ctypes would take the lowest ones unasked. Raises ValueError."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):  # no number at all, or infinity
        number = -1
    if number != value or not 0 <= number < 2**bits:
        raise ValueError(f"{name} is {value!r}, expected a whole number from 0 to 2^{bits} - 1")
    return number


def initialised(kind: type[ctypes.Structure], init) -> ctypes.Structure:
    """A struct with the library's defaults, by its _init function."""
    struct = kind()
    init(ctypes.addressof(struct), ctypes.sizeof(struct))
    return struct


def path_bytes(path) -> bytes:
    """A path as the library takes it. Raises TypeError, and ValueError for one with a zero byte in it."""
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise ValueError(f"the path {path!r} has a zero byte in it")
    return encoded
