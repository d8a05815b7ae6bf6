"""How an estimator is fitted: scikit-learn's loop of epochs around the engine's trainer."""

from __future__ import annotations

import multiprocessing
import threading
import warnings

import numpy as np

from . import _arrays
from ._base import ConvergenceWarning
from ._library import OPTIMIZERS, DivergedError
from .dataset import Dataset
from .network import Network
from .training import Trainer, configure

_NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
)


def threads_of(n_jobs) -> int:
    """How many threads at most, 0 for the engine's choice.

    None is that choice, but one thread where others like it run beside it: in a thread that is not the main one, and in
    a pool's process. joblib's own processes are told by OMP_NUM_THREADS.
    """
    if n_jobs is None:
        in_pool = multiprocessing.parent_process() is not None
        return 1 if in_pool or threading.current_thread() is not threading.main_thread() else 0
    if n_jobs > 0:
        return int(n_jobs)
    from ._predicting import available_threads

    return max(1, available_threads() + 1 + int(n_jobs))


def initial_network(estimator, sizes, loss: str, draw: np.random.RandomState) -> Network:
    """With the parameters that scikit-learn begins with for the same random_state (Glorot and Bengio 2010)."""
    name = "sigmoid" if estimator.activation == "logistic" else estimator.activation
    network = Network(sizes, name, loss, init="zero")
    factor = 2.0 if estimator.activation == "logistic" else 6.0
    for layer, (inputs, outputs) in enumerate(zip(sizes[:-1], sizes[1:])):
        bound = np.sqrt(factor / (inputs + outputs))
        weights = draw.uniform(-bound, bound, (inputs, outputs))
        network.set_layer(layer, weights, draw.uniform(-bound, bound, outputs))
    return network


def make_dataset(X, answers: np.ndarray, outputs: int, weights=None) -> Dataset:
    """answers: class numbers [samples] as uint32, or targets [samples][outputs]. Bytes keep their values, 0 to 255."""
    scale = 1.0 if not _arrays.is_sparse(X) and X.dtype == np.uint8 else None
    try:
        if answers.dtype == np.uint32:
            return Dataset(X, answers, classes=outputs, weights=weights, scale=scale)
        return Dataset(X, targets=answers, weights=weights, scale=scale)
    except ValueError as problem:
        if "expected a finite number" not in str(problem):
            raise
        raise ValueError(f"{_NOT_FINITE} ({problem}; floats end at 3.4e38)") from None


def squared_weights(network: Network) -> float:
    """Σ w² over all weights."""
    return float(sum((weights.astype(np.float64) ** 2).sum() for weights, _ in network.layers))


def hold_out(answers: np.ndarray, fraction: float, draw: np.random.RandomState, by_class: bool) -> np.ndarray:
    """Marks [samples] that are held out, of each class its share; a class of one sample keeps it."""
    count = len(answers)
    groups = np.zeros(count, int)
    if by_class and (answers.ndim == 1 or answers.dtype == np.float32 and np.isin(answers, (0, 1)).all()):
        groups = answers.reshape(count).astype(int)
    chosen = np.zeros(count, bool)
    wanted = int(np.ceil(fraction * count))
    order = draw.permutation(count)
    # Of samples sorted by class, each k-th: every class has its share, to within one.
    order = order[np.argsort(groups[order], kind="stable")]
    places = np.linspace(0, count, wanted, endpoint=False).astype(int) + int(count / max(wanted, 1) / 2)
    chosen[order[np.minimum(places, count - 1)]] = True
    for group in np.unique(groups):
        if chosen[groups == group].all():
            chosen[np.flatnonzero(groups == group)[0]] = False
    return chosen


# Samples of a mini-batch at most.
_MOST = 65536


class Fit:
    """One call of fit, or of partial_fit, by mini-batches."""

    def __init__(self, estimator, X, answers, weights, validation, draw, incremental: bool):
        self.estimator, self.validation, self.incremental = estimator, validation, incremental
        self.network: Network = estimator.network_
        self.count = X.shape[0]
        self.batch = self._batch_size()
        # scikit-learn's losses are half of the engine's of the same name, and their gradient is not divided by outputs.
        self.loss_scale = 0.5 if self.network.loss == "mse" else 1.0
        # As scikit-learn has it, the penalty is divided by what a mini-batch weighs.
        self.penalty = estimator.alpha / self.batch / (1.0 if weights is None else weights.mean())
        self.data = make_dataset(X, answers, self.network.sizes[-1], weights)
        self.trainer = self._make_trainer(draw)
        if incremental and estimator.t_ > 0 and estimator.learning_rate != "constant" and estimator.solver == "sgd":
            self._set_rate(estimator.learning_rate_)  # what the calls before have come to
        else:
            estimator.learning_rate_ = estimator.learning_rate_init

    def _batch_size(self) -> int:
        given = self.estimator.batch_size
        if given == "auto":
            return min(200, self.count)
        if given > self.count:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=5
            )
        batch = min(int(given), self.count)
        if batch > _MOST:
            raise ValueError(f"batch_size is {given}, but the engine's mini-batches have at most {_MOST} samples")
        return batch

    def _gradient_scale(self) -> float:
        """What the engine's gradient is of scikit-learn's: 2/C (z − t) to z − t for squared errors."""
        return 2.0 / self.network.sizes[-1] if self.network.loss == "mse" else 1.0

    def _optimizer(self) -> dict:
        estimator = self.estimator
        if estimator.solver == "adam":
            return {
                "optimizer": "adam",
                "lr": estimator.learning_rate_init,
                "beta1": estimator.beta_1,
                "beta2": estimator.beta_2,
                "epsilon": estimator.epsilon,
            }
        kind = "nesterov" if estimator.nesterovs_momentum else "momentum"
        options = {"optimizer": kind, "momentum": estimator.momentum}
        if estimator.momentum == 0:
            options = {"optimizer": "sgd"}
        return {**options, "lr": estimator.learning_rate_init / self._gradient_scale()}

    def _make_trainer(self, draw: np.random.RandomState) -> Trainer:
        estimator = self.estimator
        config = configure(
            **self._optimizer(),
            batch=self.batch,
            epochs=2**32 - 1 if self.incremental else estimator.max_iter,
            schedule="constant",
            shuffle=estimator.shuffle,
            threads=threads_of(estimator.n_jobs),
            l2=self.penalty * self._gradient_scale(),
            dropout=estimator.dropout,
        )
        before = getattr(estimator, "_trainer", None) if self.incremental else None
        if before is not None and before.optimizer != OPTIMIZERS[config.optimizer]:
            before = None  # another optimiser has other moments
        if before is not None:
            config.seed = before.seed  # the draws go on, so that partial_fit is an epoch of fit, to the bit
        else:
            config.seed = self._seed(draw)
        return Trainer(self.network, self.data, config, before)

    def _seed(self, draw: np.random.RandomState) -> int:
        """Of a new trainer: a random_state that is a number draws the same for each, and dropout's masks would repeat."""
        before = getattr(self.estimator, "_fits", 0)
        self.estimator._fits = before + 1
        return (int(draw.randint(np.iinfo(np.int32).max)) + before * 0x9E3779B97F4A7C15) % 2**64

    # ---- The loop ----

    def run(self) -> None:
        """Trains until it has converged, max_iter is reached, or a callback ends it."""
        estimator = self.estimator
        estimator.n_iter_ = 0
        self.best = None
        try:
            while estimator.n_iter_ < estimator.max_iter:
                stopped = self._epoch()
                if stopped or self.incremental:
                    break
                if estimator.n_iter_ == estimator.max_iter:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({estimator.max_iter}) reached and the "
                        "optimization hasn't converged yet.",
                        ConvergenceWarning,
                        stacklevel=3,
                    )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=3)
        except DivergedError as problem:
            if self.best is None:
                raise ValueError(f"{_NOT_FINITE} ({problem})") from None
            estimator.validation_scores_.append(float("nan"))
            estimator.validation_loss_curve_.append(float("nan"))
            warnings.warn(f"{problem}; the best epoch's network is kept", ConvergenceWarning, stacklevel=3)
        if self.best is not None:
            for layer, parameters in enumerate(self.best):
                self.network.set_layer(layer, *parameters)
        estimator._trainer = self.trainer if self.incremental else None

    def _epoch(self) -> bool:
        """Trains one epoch and notes it. Whether training is over."""
        estimator, penalty = self.estimator, self.penalty / 2
        before = squared_weights(self.network) if penalty else 0.0
        progress = self.trainer.epoch()
        # Each mini-batch's penalty is of the weights before it: their mean, as if they changed evenly over the epoch.
        steps = -(-self.count // self.batch)
        after = squared_weights(self.network) if penalty and steps > 1 else before
        penalty *= before + (after - before) * (steps - 1) / (2 * steps)
        loss = progress.train_loss * self.loss_scale + penalty

        estimator.n_iter_ += 1
        estimator.t_ += self.count
        estimator.loss_ = loss
        estimator.loss_curve_.append(loss)
        record = {"epoch": estimator.n_iter_, "loss": loss}
        self.network.history.append(record)
        if estimator.verbose:
            print(f"Iteration {estimator.n_iter_}, loss = {loss:.8f}")
        self._judge(record)
        if estimator.solver == "sgd" and estimator.learning_rate == "invscaling":
            self._set_rate(estimator.learning_rate_init / (estimator.t_ + 1) ** estimator.power_t)
        called = [callback(estimator, record) for callback in estimator.callbacks or ()]
        return any(answer is True for answer in called) or self._converged()

    def _set_rate(self, rate: float) -> None:
        self.estimator.learning_rate_ = rate
        self.trainer.set_learning_rate(rate / self._gradient_scale())

    def _judge(self, record: dict) -> None:
        """Counts epochs that have not brought it forward: the loss's, or with early stopping the score's."""
        estimator = self.estimator
        if self.validation is not None:
            score, loss = self.validation()
            estimator.validation_scores_.append(score)
            estimator.validation_loss_curve_.append(loss)
            record["validation_score"], record["validation_loss"] = score, loss
            if estimator.verbose:
                print(f"Validation score: {score:f}")
        if estimator.early_stopping:
            best, value = estimator.best_validation_score_, estimator.validation_scores_[-1]
            behind = value < best + estimator.tol
            if value > best:
                estimator.best_validation_score_ = value
                self.best = self.network.layers
        else:
            value = estimator.loss_curve_[-1]
            behind = value > estimator.best_loss_ - estimator.tol
            estimator.best_loss_ = min(value, estimator.best_loss_)
        estimator._no_improvement_count = estimator._no_improvement_count + 1 if behind else 0

    def _converged(self) -> bool:
        estimator = self.estimator
        if estimator._no_improvement_count <= estimator.n_iter_no_change:
            return False
        what = "Validation score" if estimator.early_stopping else "Training loss"
        message = (
            f"{what} did not improve more than tol={estimator.tol:f} for {estimator.n_iter_no_change} "
            "consecutive epochs."
        )
        if estimator.solver == "sgd" and estimator.learning_rate == "adaptive" and estimator.learning_rate_ > 1e-6:
            estimator._no_improvement_count = 0
            self._set_rate(estimator.learning_rate_ / 5)
            if estimator.verbose:
                print(f"{message} Setting learning rate to {estimator.learning_rate_:f}")
            return False
        if estimator.verbose:
            print(f"{message} Stopping.")
        return True


# ---- L-BFGS ----

# Samples whose gradient is asked for at a time.
_PART = 65536


def fit_lbfgs(estimator, X, answers, weights) -> None:
    """Minimises the loss of all samples at once by SciPy's L-BFGS-B. The gradients are the engine's, of floats."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise ImportError("solver='lbfgs' needs SciPy; 'adam' and 'sgd' do not") from None
    if np.any(estimator.dropout):
        raise ValueError("dropout has no effect on solver='lbfgs', which takes all samples at once")
    network: Network = estimator.network_
    count, threads = X.shape[0], threads_of(estimator.n_jobs)
    scale = 0.5 if network.loss == "mse" else 1.0
    weights = np.ones(count) if weights is None else weights
    whole = float(weights.sum())
    parts = []
    for first in range(0, count, _PART):
        part = slice(first, first + _PART)
        if weights[part].any():
            data = make_dataset(X[part], answers[part], network.sizes[-1], weights[part])
            parts.append((float(weights[part].sum()) / whole * scale, data))

    def loss_and_gradient(packed: np.ndarray):
        unpack(network, packed)
        loss, total = 0.0, np.zeros_like(packed)
        for share, part in parts:
            value, gradients = network.gradients(part, threads=threads)
            loss += share * value
            total += share * pack(gradients)
        penalty = packed * weights_of(network)
        loss += 0.5 * estimator.alpha / whole * float(penalty @ penalty)
        return loss, total + estimator.alpha / whole * penalty

    options = {"maxfun": estimator.max_fun, "maxiter": estimator.max_iter, "gtol": estimator.tol}
    found = minimize(loss_and_gradient, pack(network.layers), method="L-BFGS-B", jac=True, options=options)
    unpack(network, found.x)
    if not np.isfinite(found.x).all() or not np.isfinite(found.fun):
        raise ValueError(_NOT_FINITE)
    estimator.n_iter_ = min(int(found.nit), estimator.max_iter)
    estimator.loss_ = float(found.fun)
    if found.status == 1:
        warnings.warn(
            f"lbfgs failed to converge after {estimator.n_iter_} iteration(s) (status=1): {found.message}",
            ConvergenceWarning,
            stacklevel=4,
        )


def pack(layers) -> np.ndarray:
    """All parameters in a row, in double."""
    return np.concatenate([part.astype(np.float64).ravel() for pair in layers for part in pair])


def unpack(network: Network, packed: np.ndarray) -> None:
    """Sets all parameters from a row of them."""
    at = 0
    for layer, (inputs, outputs) in enumerate(zip(network.sizes[:-1], network.sizes[1:])):
        weights = packed[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        network.set_layer(layer, weights, packed[at : at + outputs])
        at += outputs


def weights_of(network: Network) -> np.ndarray:
    """1 for each parameter that is a weight, 0 for each that is a bias."""
    return pack([(np.ones(pair), np.zeros(pair[1])) for pair in zip(network.sizes[:-1], network.sizes[1:])])
