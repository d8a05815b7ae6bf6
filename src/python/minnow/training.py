"""Training: a network, samples, and how."""

from __future__ import annotations

import ctypes
import math
import numbers as number_kinds
import sys
import time
import weakref
from collections.abc import Callable

import numpy as np

from . import _library, _progress
from ._library import OPTIMIZERS, PLANS, SCHEDULES, SPARSITIES, enumerator, initialised, lib
from .dataset import Dataset
from .network import Network

# Between two of them, Ctrl-C is heard and the progress is drawn.
_SLICE_SECONDS = 0.2

# Options that are members of the library's struct under the same name.
_NUMBERS = ("momentum", "beta1", "beta2", "epsilon", "weight_decay", "l2", "max_norm", "clip_norm", "ema")
_NUMBERS += ("label_smoothing", "noise", "mixup")

# Those of a minnow_distortion_config, whose members have other names.
_DISTORTIONS = {
    "shift": "shift", "rotate": "rotation", "stretch": "scale", "shear": "shear", "elastic_alpha": "elastic_alpha",
    "elastic_sigma": "elastic_sigma", "elastic_fields": "elastic_fields",
}  # fmt: skip


def configure(*, optimizer="sgd", lr=None, batch=64, epochs=10, schedule="linear", warmup=0.0, shuffle=True, seed=1,
              sparse="auto", threads=0, dropout=(), dropout_input=0.0, plateau_factor=None, plateau_patience=None,
              sub_batches=1, plan="auto", distort=False, gentle_classes=(), **numbers) -> _library.TrainingConfig:
    """A minnow_training_config of options that are named as those of the command line.

    Raises TypeError for an option that there is not, ValueError for a name or a number of layers that there is not.
    """
    config = initialised(_library.TrainingConfig, lib.minnow_training_config_init)
    lib.minnow_training_config_set_optimizer(ctypes.byref(config), enumerator("optimizer", OPTIMIZERS, optimizer))
    config.schedule = enumerator("schedule", SCHEDULES, schedule)
    config.sparse = enumerator("sparse", SPARSITIES, sparse)
    config.plan = enumerator("plan", PLANS, plan)
    plateau = {"plateau_factor": plateau_factor, "plateau_patience": plateau_patience}
    given = {name: value for name, value in plateau.items() if value is not None}
    if given and schedule != "plateau":
        raise ValueError(f"{' and '.join(given)}: without effect unless schedule is 'plateau'")
    numbers.update({name: value for name, value in given.items() if name == "plateau_factor"})
    whole = {"batch": batch, "epochs": epochs, "seed": seed, "threads": threads, "sub_batches": sub_batches}
    whole.update({name: value for name, value in given.items() if name == "plateau_patience"})
    for name, value in whole.items():
        setattr(config, name, _library.whole(name, value, 32 if name == "threads" else 64))
    config.warmup_epochs, config.shuffle, config.input_dropout = warmup, bool(shuffle), dropout_input
    if lr is not None:
        config.learning_rate = _number("lr", lr)
    amounts = {name: numbers.pop(name) for name in _DISTORTIONS if numbers.get(name) is not None}
    _set_distortion(config, distort, amounts, gentle_classes)
    for name, value in numbers.items():
        if name not in (*_DISTORTIONS, *_NUMBERS, "plateau_factor"):
            raise TypeError(f"there is no option {name!r}")
        if value is not None:
            setattr(config, name, _number(name, value))
    _set_dropout(config, dropout)
    return config


def _set_dropout(config: _library.TrainingConfig, dropout) -> None:
    if np.ndim(dropout) > 1:
        raise ValueError(f"dropout has {np.ndim(dropout)} dimensions, expected a number, or one for each hidden layer")
    shares = list(dropout) if np.ndim(dropout) else [dropout]
    if len(shares) > len(config.dropout):
        raise ValueError(f"{len(shares)} numbers for dropout, expected at most {len(config.dropout)}")
    if any(shares):
        config.dropout_count = len(shares)
        for layer, share in enumerate(shares):
            config.dropout[layer] = share


def _number(name: str, value) -> float:
    if not isinstance(value, number_kinds.Real):
        raise TypeError(f"{name} is {value!r}, expected a number")
    return float(value)


def _class_list(classes) -> list[int]:
    """gentle_classes: one class, several, or None."""
    if isinstance(classes, str):
        raise TypeError(f"gentle_classes is {classes!r}, expected numbers of classes, such as (1, 7)")
    several = () if classes is None else np.atleast_1d(classes).tolist()
    return [_library.whole("gentle_classes", one) for one in several]


def _set_distortion(config: _library.TrainingConfig, distort: bool, amounts: dict, gentle_classes) -> None:
    """What is not given is 0, or with distort the library's default."""
    gentle = _class_list(gentle_classes)
    if not distort and not amounts and not gentle:
        return
    distortion = initialised(_library.DistortionConfig, lib.minnow_distortion_config_init)
    if not distort:
        distortion.shift = distortion.rotation = distortion.scale = distortion.shear = distortion.elastic_alpha = 0.0
    for name, amount in amounts.items():
        value = _library.whole(name, amount) if name == "elastic_fields" else _number(name, amount)
        setattr(distortion, _DISTORTIONS[name], value)
    unused = [name for name in ("elastic_sigma", "elastic_fields") if name in amounts]
    if unused and distortion.elastic_alpha == 0:
        raise ValueError(f"{' and '.join(unused)}: without effect unless elastic_alpha is above 0")
    if gentle and distortion.rotation == 0 and distortion.shear == 0:
        raise ValueError("gentle_classes: without effect unless rotate or shear is above 0")
    if gentle and max(gentle) > 63:
        raise ValueError(f"gentle_classes has {max(gentle)}, expected classes from 0 to 63")
    distortion.gentle_classes = sum(1 << one for one in set(gentle))
    config.distortion = ctypes.pointer(distortion)  # ctypes keeps what it points to


def _free(handle: ctypes.c_void_p, *borrowed) -> None:
    lib.minnow_trainer_free(handle)


class Trainer:
    """A run of training, an epoch at a time. It changes its network in place, and keeps it and its samples alive."""

    def __init__(self, network: Network, data: Dataset, config: _library.TrainingConfig, before: Trainer | None = None):
        handle = ctypes.c_void_p()
        if before is None:
            lib.minnow_trainer_create(network._handle, data._handle, ctypes.byref(config), ctypes.byref(handle))
        else:
            lib.minnow_trainer_continue(before._handle, data._handle, ctypes.byref(config), ctypes.byref(handle))
        self._handle, self.network, self._data = handle, network, data
        self.optimizer, self.seed = OPTIMIZERS[config.optimizer], config.seed
        # The finalizer's arguments live as long as it: what the trainer borrows is not freed before it.
        self._release = weakref.finalize(self, _free, handle, network, data)
        self._release.atexit = False  # a daemon thread may still train with it
        data._trainers.add(self)
        self.progress = initialised(_library.Progress, lib.minnow_progress_init)
        self._rate = 0.0  # samples a second

    def __reduce__(self):
        raise TypeError("a Trainer can be neither copied nor pickled: its moments are in the engine's memory")

    def close(self) -> None:
        """Frees the trainer, and lets its dataset be changed again. It cannot train on afterwards."""
        self._handle = None
        self._release()

    @property
    def threads(self) -> int:
        """How many threads it works with."""
        return lib.minnow_trainer_threads(self._handle)

    def set_learning_rate(self, rate: float) -> None:
        """Of the mini-batches to come, in place of the schedule's; 0: the schedule's again."""
        lib.minnow_trainer_set_learning_rate(self._handle, rate)

    def use_average(self, average: bool) -> None:
        """Puts the running average into the network, or what training goes on from."""
        lib.minnow_trainer_use_average(self._handle, average)

    def keep_best(self, score: float) -> None:
        """Keeps a copy of the parameters that are in the network now, as the best so far. Raises ValueError, MemoryError."""
        lib.minnow_trainer_keep_best(self._handle, score)

    def use_best(self, best: bool) -> None:
        """Puts the parameters that keep_best kept into the network, or what training goes on from."""
        lib.minnow_trainer_use_best(self._handle, best)

    def tell_loss(self, loss: float) -> None:
        """Behind an epoch: the loss that schedule="plateau" goes by, in place of the training loss. A finite number."""
        lib.minnow_trainer_tell_loss(self._handle, loss)

    def epoch(self, watch: Callable[[_library.Progress], None] | None = None) -> _library.Progress:
        """Trains to the end of an epoch, in slices, so that Ctrl-C is heard. Raises DivergedError, KeyboardInterrupt."""
        while True:
            begun = time.perf_counter()
            before = 0 if self.progress.epoch_done else self.progress.epoch_samples
            samples = max(256, int(self._rate * _SLICE_SECONDS)) if self._rate else 4096
            status = lib.minnow_trainer_advance(self._handle, samples, ctypes.byref(self.progress))
            if status != 0:
                raise _library.error(status, lib.minnow_last_error().decode("utf-8", "replace"))
            spent = time.perf_counter() - begun
            self._rate = (self.progress.epoch_samples - before) / max(spent, 1e-6)
            if watch is not None:
                watch(self.progress)
            if self.progress.epoch_done:
                return self.progress


def _validation_count(data: Dataset, validation) -> int:
    """How many samples to move out of data: a number of them, or a share. Raises TypeError, ValueError."""
    if isinstance(validation, bool) or not isinstance(validation, number_kinds.Real):
        raise TypeError(f"validation is {validation!r}, expected a Dataset, a number of samples or a share of them")
    if not 0 <= validation < len(data) or (validation >= 1 and int(validation) != validation):
        raise ValueError(
            f"validation is {validation!r}, expected a share below 1, or a whole number below the {len(data)} samples"
        )
    return round(float(validation) * len(data)) if validation < 1 else int(validation)


def _check_fits(data: Dataset, validation: Dataset) -> None:
    for what in ("features", "classes"):
        own, other = getattr(data, what), getattr(validation, what)
        if own != other:
            raise ValueError(f"validation has {other} {what}, but data have {own}")


# What train makes a network of unless it is given one.
_NETWORK = {"hidden": (128, 64), "activation": "relu", "loss": None, "init": "scaled", "isa": "auto"}


def _check_unchanged(**given) -> None:
    """Raises ValueError for what says how a network is made, where there is one already."""
    for name, value in given.items():
        if type(value) is not type(_NETWORK[name]) or value != _NETWORK[name]:
            raise ValueError(f"{name} has no effect on the network that is given")


def train(data: Dataset, network: Network | None = None, *, hidden=(128, 64), activation="relu", loss=None,
          init="scaled", seed=1, isa="auto", epochs=10, validation=None, keep_epoch=None, progress: bool | None = None,
          callbacks=(), threads=0, **options) -> Network:
    """Trains a network, a new one unless one is given, and returns it. The same bits as `minnow train`'s.

    Parameters
    ----------
    data : Dataset
    network : Network, optional
        Is trained on, in place; then hidden, activation, loss, init and isa are not given.
    hidden : sequence of int
        Sizes of the hidden layers.
    activation, loss, init, seed, isa
        As Network has them. loss is softmax where data have labels, else mse.
    epochs : int
        Passes over the samples.
    validation : Dataset, int or float, optional
        To report on after each epoch: samples of their own; or how many, or which share, to move out of data,
        which happens only once everything else has been found well.
    keep_epoch : {"best", "last"}, optional
        Which epoch's parameters the network ends with. By default the best one's on the validation samples, by accuracy,
        then loss, or of targets by loss alone; also where training is broken off. Without validation it is the last.
    progress : bool, optional
        Whether to draw a bar; by default in terminals and notebooks.
    callbacks : callables
        Called after each epoch with (network, record), the record a dict as those of network.history. One that
        returns True ends training.
    threads : int
        At most; 0: OMP_NUM_THREADS or one per processor. The result is the same.
    optimizer, lr, batch, sub_batches, schedule, warmup, plateau_factor, plateau_patience, shuffle, sparse, plan, dropout,
    dropout_input, momentum, beta1, beta2, epsilon, weight_decay, l2, max_norm, clip_norm, ema, label_smoothing, noise,
    mixup
        As `minnow train --help` explains them.
    distort : bool
        Train on other images of the same things, anew in each epoch. data are images then: arrays [samples][height][width],
        or files. What it does is set by shift (pixels), rotate (degrees), stretch, shear, elastic_alpha and
        elastic_sigma (pixels), elastic_fields and gentle_classes (classes that are turned and slanted half as far), each of
        which may be given without it, too.

    Raises
    ------
    ValueError
        An option out of range, or data that do not fit the network.
    DivergedError
        The loss is no longer finite.
    """
    if not isinstance(data, Dataset):
        raise TypeError("data is no Dataset: minnow.Dataset(X, labels) makes one of arrays")
    if keep_epoch not in (None, "best", "last"):
        raise ValueError(f"keep_epoch is {keep_epoch!r}, expected one of best, last")
    count = 0
    if isinstance(validation, Dataset):
        _check_fits(data, validation)
    elif validation is not None:
        count, validation = _validation_count(data, validation), None
    if keep_epoch is not None and validation is None and not count:
        raise ValueError("keep_epoch has no effect without validation")
    if network is None:
        loss = loss or ("mse" if data.has_targets else "softmax")
        network = Network([data.features, *hidden, data.classes], activation, loss, init, seed, isa)
    else:
        _check_unchanged(hidden=tuple(np.atleast_1d(hidden)), activation=activation, loss=loss, init=init, isa=isa)
    config = configure(epochs=epochs, seed=seed, threads=threads, **options)
    beyond = [one for one in _class_list(options.get("gentle_classes")) if one >= data.classes]
    if beyond:
        raise ValueError(f"gentle_classes has {beyond[0]}, expected classes below {data.classes}")
    trainer = Trainer(network, data, config)
    if count:  # now that all is known to be well
        trainer.close()
        validation = data.hold_out(count, seed)
        trainer = Trainer(network, data, config)
    run = _Run(trainer, validation, threads, config.ema > 0, keep_epoch != "last")
    try:
        run.bar = _progress.make(progress, config.epochs, len(data))
        for epoch in range(1, config.epochs + 1):
            if run.epoch(epoch, callbacks):
                break
    finally:
        run.close()
    return network


class _Run:
    """A call of train: a trainer, and what is done behind each of its epochs."""

    def __init__(self, trainer: Trainer, validation: Dataset | None, threads: int, averaged: bool, keeps_best: bool):
        self.trainer, self.validation, self.threads = trainer, validation, threads
        self.averaged, self.keeps_best = averaged, keeps_best and validation is not None
        self.bar: _progress.ProgressBar | None = None
        self.best: tuple | None = None

    def epoch(self, epoch: int, callbacks) -> bool:
        """One epoch with its record in the network's history. Whether a callback wants to end training."""
        network, bar = self.trainer.network, self.bar

        def watch(progress) -> None:
            if bar is not None:
                bar.update(epoch, progress.epoch_samples, {"loss": progress.train_loss})

        progress = self.trainer.epoch(watch)
        self.trainer.use_average(self.averaged)
        record = {
            "epoch": epoch,
            "loss": progress.train_loss,
            "accuracy": progress.train_accuracy,
            "learning_rate": progress.learning_rate,
            "seconds": progress.epoch_seconds,
        }
        if self.validation is not None:
            scores = network.evaluate(self.validation, threads=self.threads)
            record["validation_loss"], record["validation_accuracy"] = scores["loss"], scores["accuracy"]
            self._judge(scores)
        network.history.append(record)
        if bar is not None:
            shown = {name: record[name] for name in ("loss", "validation_loss", "validation_accuracy") if name in record}
            bar.update(epoch, progress.epoch_samples, shown, force=True)
        stops = [callback(network, record) for callback in callbacks]
        return any(stop is True for stop in stops)

    def _judge(self, scores: dict) -> None:
        """Of labels, the accuracy tells which epoch is the best, and among the same the loss; of targets, the loss."""
        loss = scores["loss"] if math.isfinite(scores["loss"]) else sys.float_info.max
        self.trainer.tell_loss(loss)
        score = (-loss,) if self.validation.has_targets else (scores["accuracy"], -loss)
        if self.keeps_best and (self.best is None or score > self.best):
            self.best = score
            self.trainer.keep_best(score[0])

    def close(self) -> None:
        """Leaves the best epoch's parameters in the network, also of a run that was broken off."""
        if self.best is not None:
            self.trainer.use_best(True)
        self.trainer.close()
        if self.bar is not None:
            self.bar.close()
