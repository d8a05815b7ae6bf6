"""What both estimators have in common: their parameters, fitting, predicting, and scikit-learn's other manners."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import numpy as np

from . import _arrays, _fitting, _validation
from ._base import BaseEstimator, ClassifierMixin
from ._predicting import one_row

# Samples that are predicted on one thread, without asking how many there are.
_FEW = 256

# What a fit by mini-batches notes epoch by epoch, and one by L-BFGS does not have.
_OF_EPOCHS = ("loss_curve_", "validation_scores_", "validation_loss_curve_", "best_validation_score_", "best_loss_")


class OfMiniBatches:
    """A method that an estimator with solver='lbfgs' has not, so that hasattr says so."""

    def __init__(self, method):
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, estimator, kind):
        if estimator is None:
            return self._method
        if estimator.solver == "lbfgs":
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {estimator.solver} is not stochastic."
            )
        return self._method.__get__(estimator, kind)


class BaseMLP(BaseEstimator):
    """What both have in common."""

    def _keep(self, given: dict) -> None:
        """Keeps what a constructor was given, locals() at its start, by the names of its parameters."""
        self.__dict__.update((name, value) for name, value in given.items() if name != "self" and name != "__class__")

    # ---- What the network is ----

    @property
    def coefs_(self) -> list[np.ndarray]:
        """The weights [inputs][outputs] of each layer. Copies that cannot be written to: assign a list to change them."""
        return self._parameters(0)

    @coefs_.setter
    def coefs_(self, values) -> None:
        for layer, weights in enumerate(values):
            self.network_.set_layer(layer, weights)

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """The biases [outputs] of each layer, likewise."""
        return self._parameters(1)

    @intercepts_.setter
    def intercepts_(self, values) -> None:
        for layer, biases in enumerate(values):
            self.network_.set_layer(layer, None, biases)

    def _parameters(self, which: int) -> list[np.ndarray]:
        if "network_" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {('coefs_', 'intercepts_')[which]!r}")
        arrays = [pair[which].astype(self._dtype) for pair in self.network_.layers]
        for array in arrays:
            array.flags.writeable = False
        return arrays

    @property
    def _optimizer(self) -> SimpleNamespace:
        """Where scikit-learn keeps the learning rate of the last epoch, which here is learning_rate_."""
        return SimpleNamespace(learning_rate=self.learning_rate_)

    # ---- Fitting ----

    def fit(self, X, y, sample_weight=None, *, validation_data=None):
        """Fits the network to samples.

        Parameters
        ----------
        X : array, DataFrame or sparse matrix [samples][features]
        y : array [samples] or [samples][outputs]
        sample_weight : array [samples], optional
            How much each sample counts, at least 0.
        validation_data : (X, y), optional
            Samples to judge each epoch by: validation_scores_ and validation_loss_curve_ tell how it went. With
            early_stopping, they take the place of samples held out.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Parameters or samples that are not what they may be; a loss that is no longer finite.
        """
        with self._unchanged_if_refused():
            run = self._prepare(X, y, sample_weight, validation_data, incremental=False)
        run()
        return self

    def _prepare_partial(self, X, y, sample_weight):
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        return self._prepare(X, y, sample_weight, None, incremental=True)

    @contextlib.contextmanager
    def _unchanged_if_refused(self):
        """An error leaves the estimator as it was: the old network with the old classes."""
        kept = dict(self.__dict__)
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(kept)
            raise

    def _prepare(self, X, y, sample_weight, validation_data, incremental: bool):
        """Checks all that there is to check. Returns what trains."""
        _validation.check_parameters(self)
        hidden = _validation.hidden_sizes(self)
        begun = "network_" in self.__dict__
        first = not begun or (not self.warm_start and not incremental)
        X, answers = self._check_training(X, y, reset=first, incremental=incremental)
        weights = self._weigh(answers, _validation.sample_weights(sample_weight, X.shape[0]), incremental)
        draw = _validation.random_state(self.random_state)
        if first:
            self._begin(X, answers, hidden, draw)
        if self.solver != "lbfgs":
            self._count_on()
        if _arrays.is_sparse(X):
            X = X.tocsr()

        if self.solver == "lbfgs":
            if validation_data is not None:
                raise ValueError("validation_data is of epochs, which solver='lbfgs' has none of")
            _fitting.fit_lbfgs(self, X, answers, weights)
            return lambda: None
        X, answers, weights, judge = self._settle_validation(X, answers, weights, validation_data, draw)
        return _fitting.Fit(self, X, answers, weights, judge, draw, incremental).run

    def _weigh(self, answers, weights, incremental: bool):
        """What each sample counts, by itself and by its class, or None."""
        return weights

    def _begin(self, X, answers, hidden: list[int], draw) -> None:
        """A new network, and all that is counted from its beginning on."""
        self._dtype = np.dtype(np.float32 if X.dtype == np.float32 else np.float64)
        self.n_outputs_ = len(self.classes_) if answers.ndim == 1 else answers.shape[1]
        loss, self.out_activation_ = self._loss(answers)
        sizes = [X.shape[1], *hidden, self.n_outputs_]
        self.network_ = _fitting.initial_network(self, sizes, loss, draw)
        self.n_layers_ = len(sizes)
        self.n_iter_ = 0
        self.t_ = 0
        self._no_improvement_count = 0
        self._fits = 0
        self._trainer = None
        for name in _OF_EPOCHS:
            self.__dict__.pop(name, None)

    def _count_on(self) -> None:
        """What is counted epoch by epoch, where it is not there yet: solver and early_stopping may change between calls."""
        if "loss_curve_" not in self.__dict__:
            self.loss_curve_ = []
            self.validation_scores_ = self.validation_loss_curve_ = self.best_validation_score_ = None
            self.best_loss_ = np.inf
        if not self.early_stopping:
            self.best_loss_ = np.inf if self.best_loss_ is None else self.best_loss_
        elif self.best_validation_score_ is None:
            self.best_loss_, self.best_validation_score_ = None, -np.inf

    def _settle_validation(self, X, answers, weights, validation_data, draw):
        """The samples to train on, with their weights, and what judges an epoch, or None."""
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise ValueError(f"validation_data is a {type(validation_data).__name__}, expected a pair: (X, y)")
            held = (*self._check_training(*validation_data, reset=False, incremental=True), None)
        elif self.early_stopping:
            self._check_classes_can_be_held_out(answers)
            chosen = _fitting.hold_out(answers, self.validation_fraction, draw, self.n_outputs_ == 1 or answers.ndim == 1)
            if chosen.sum() < 2:
                raise ValueError(
                    "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
                )
            if weights is not None and not (weights[chosen].any() and weights[~chosen].any()):
                raise ValueError(
                    "sample_weight is zero for all samples that early_stopping holds out, or for all that it does not: too "
                    "few samples count"
                )
            held = X[chosen], answers[chosen], None if weights is None else weights[chosen]
            X, answers, weights = X[~chosen], answers[~chosen], None if weights is None else weights[~chosen]
        else:
            return X, answers, weights, None
        if self.validation_scores_ is None:
            self.validation_scores_, self.validation_loss_curve_ = [], []
        data = _fitting.make_dataset(_floats(held[0]), held[1], self.n_outputs_, held[2])
        scale = 0.5 if self.network_.loss == "mse" else 1.0
        threads = _fitting.threads_of(self.n_jobs)

        def judge() -> tuple[float, float]:
            loss = self.network_.evaluate(data, threads=threads)["loss"] * scale
            return self._judge_outputs(self._outputs(held[0]), held[1], held[2]), loss

        return X, answers, weights, judge

    def _check_classes_can_be_held_out(self, answers) -> None:
        """Of a class with one sample, none can be both trained on and held out."""

    # ---- Predicting ----

    def _outputs(self, X) -> np.ndarray:
        """The network's outputs for samples that have been checked, float32."""
        threads = 1 if X.shape[0] < _FEW else _fitting.threads_of(self.n_jobs)
        return self.network_.forward(_floats(X), threads=threads)

    def _forward(self, X) -> np.ndarray:
        """The outputs, in the samples' own precision."""
        known = self.__dict__
        network = known.get("network_")
        if network is None:
            _validation.check_fitted(self)
        # One sample, of which each check takes as long as the network itself.
        if type(X) is np.ndarray and X.shape == network._one_row and X.dtype.char in "fd":
            if "feature_names_in_" not in known:
                outputs = one_row(network, X)
                if outputs is not None:
                    return outputs

        if not _validation.quickly_checked(self, X):
            X = _validation.check_samples(self, X)
        outputs = self._outputs(X)
        if not _validation.has_finite_sum(outputs) and not np.isfinite(outputs).all():
            raise ValueError("the outputs are not finite: X has numbers too large for floats, or the network diverged")
        return outputs if X.dtype == np.float32 else outputs.astype(np.float64)

    # ---- The rest of scikit-learn's manners ----

    def __getstate__(self) -> dict:
        """What a pickle holds: the network as safetensors. The optimiser's moments are left behind."""
        state = super().__getstate__()
        return {**state, "_trainer": None} if "_trainer" in state else state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _more_tags(self) -> dict:  # before scikit-learn 1.6
        return {"multilabel": isinstance(self, ClassifierMixin)}

    def _repr_mimebundle_(self, **options):
        above = getattr(super(), "_repr_mimebundle_", None)
        shown = above(**options) if above is not None else {"text/plain": repr(self)}
        if "network_" in self.__dict__ and ("text/html" in shown or above is None):
            shown["text/html"] = shown.get("text/html", "") + self.network_._repr_html_()
        return shown


def _floats(X):
    """Samples as the network takes them. Bytes keep their values, which the network itself would scale."""
    return X if _arrays.is_sparse(X) else _arrays.samples(X, "X")
