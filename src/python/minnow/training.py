"""Training: a network, samples, and how."""

from __future__ import annotations

import ctypes
import time
import weakref
from collections.abc import Callable, Sequence

from . import _library, _progress
from ._library import OPTIMIZERS, SCHEDULES, SPARSITIES, enumerator, initialised, lib
from .dataset import Dataset
from .network import Network

# Between two of them, Ctrl-C is heard and the progress is drawn.
_SLICE_SECONDS = 0.2

# Options that are members of the library's struct under the same name.
_NUMBERS = ("momentum", "beta1", "beta2", "epsilon", "weight_decay", "l2", "max_norm", "clip_norm", "ema")
_NUMBERS += ("label_smoothing", "noise", "mixup")


def configure(*, optimizer="sgd", lr=None, batch=64, epochs=10, schedule="linear", warmup=0.0, shuffle=True, seed=1,
              sparse="auto", threads=0, dropout=(), dropout_input=0.0, **numbers) -> _library.TrainingConfig:
    """A minnow_training_config of options that are named as those of the command line.

    Raises TypeError for an option that there is not, ValueError for a name or a number of layers that there is not.
    """
    config = initialised(_library.TrainingConfig, lib.minnow_training_config_init)
    lib.minnow_training_config_set_optimizer(ctypes.byref(config), enumerator("optimizer", OPTIMIZERS, optimizer))
    config.schedule = enumerator("schedule", SCHEDULES, schedule)
    config.sparse = enumerator("sparse", SPARSITIES, sparse)
    for name, value in {"batch": batch, "epochs": epochs, "seed": seed, "threads": threads}.items():
        if int(value) != value or value < 0:
            raise ValueError(f"{name} is {value!r}, expected a whole number")
        setattr(config, name, int(value))
    config.warmup_epochs, config.shuffle, config.input_dropout = warmup, bool(shuffle), dropout_input
    if lr is not None:
        config.learning_rate = lr
    for name, value in numbers.items():
        if name not in _NUMBERS:
            raise TypeError(f"there is no option {name!r}")
        if value is not None:
            setattr(config, name, value)
    _set_dropout(config, dropout)
    return config


def _set_dropout(config: _library.TrainingConfig, dropout) -> None:
    shares = list(dropout) if isinstance(dropout, (Sequence, tuple)) else [dropout]
    if len(shares) > len(config.dropout):
        raise ValueError(f"{len(shares)} numbers for dropout, expected at most {len(config.dropout)}")
    if any(shares):
        config.dropout_count = len(shares)
        for layer, share in enumerate(shares):
            config.dropout[layer] = share


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
        # The finalizer's arguments live as long as it: what the trainer borrows is not freed before it.
        self._release = weakref.finalize(self, _free, handle, network, data)
        self.progress = initialised(_library.Progress, lib.minnow_progress_init)
        self._rate = 0.0  # samples a second

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


def _settle_validation(data: Dataset, validation, seed: int) -> Dataset | None:
    """A dataset, a number of samples that are drawn from the training data, or a share of them."""
    if validation is None or isinstance(validation, Dataset):
        return validation
    count = round(validation * len(data)) if validation < 1 else int(validation)
    return data.hold_out(count, seed) if count else None


def train(data: Dataset, network: Network | None = None, *, hidden=(128, 64), activation="relu", loss=None,
          init="scaled", seed=1, isa="auto", epochs=10, validation=None, progress: bool | None = None, callbacks=(),
          threads=0, **options) -> Network:
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
        To report on after each epoch: samples of their own; or how many, or which share, to move out of data.
    progress : bool, optional
        Whether to draw a bar; by default in terminals and notebooks.
    callbacks : callables
        Called after each epoch with (network, record), the record a dict as those of network.history. One that
        returns True ends training.
    threads : int
        At most; 0: OMP_NUM_THREADS or one per processor. The result is the same.
    optimizer, lr, batch, schedule, warmup, shuffle, sparse, dropout, dropout_input, momentum, beta1, beta2, epsilon,
    weight_decay, l2, max_norm, clip_norm, ema, label_smoothing, noise, mixup
        As `minnow train --help` explains them.

    Raises
    ------
    ValueError
        An option out of range, or data that do not fit the network.
    DivergedError
        The loss is no longer finite.
    """
    if not isinstance(data, Dataset):
        raise TypeError("data is no Dataset: minnow.Dataset(X, labels) makes one of arrays")
    validation = _settle_validation(data, validation, seed)
    if network is None:
        loss = loss or ("mse" if data.has_targets else "softmax")
        network = Network([data.features, *hidden, data.classes], activation, loss, init, seed, isa)
    config = configure(epochs=epochs, seed=seed, threads=threads, **options)
    trainer = Trainer(network, data, config)
    bar = _progress.make(progress, epochs, len(data))
    try:
        for epoch in range(1, epochs + 1):
            if _train_epoch(trainer, epoch, validation, bar, callbacks, threads, config.ema > 0):
                break
    finally:
        if bar is not None:
            bar.close()
    return network


def _train_epoch(trainer: Trainer, epoch: int, validation, bar, callbacks, threads: int, averaged: bool) -> bool:
    """One epoch with its record in the network's history. Whether a callback wants to end training."""
    network = trainer.network

    def watch(progress) -> None:
        if bar is not None:
            bar.update(epoch, progress.epoch_samples, {"loss": progress.train_loss})

    progress = trainer.epoch(watch)
    trainer.use_average(averaged)
    record = {
        "epoch": epoch,
        "loss": progress.train_loss,
        "accuracy": progress.train_accuracy,
        "learning_rate": progress.learning_rate,
        "seconds": progress.epoch_seconds,
    }
    if validation is not None:
        scores = network.evaluate(validation, threads=threads)
        record["validation_loss"], record["validation_accuracy"] = scores["loss"], scores["accuracy"]
    network.history.append(record)
    if bar is not None:
        shown = {name: record[name] for name in ("loss", "validation_loss", "validation_accuracy") if name in record}
        bar.update(epoch, progress.epoch_samples, shown, force=True)
    stops = [callback(network, record) for callback in callbacks]
    return any(stop is True for stop in stops)
