"""MLPClassifier and MLPRegressor: scikit-learn's manners, minnow's engine."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import numpy as np

from . import _arrays, _fitting, _validation
from ._base import HAVE_SKLEARN, BaseEstimator, ClassifierMixin, RegressorMixin, r2

# Samples that are predicted on one thread, without asking how many there are.
_FEW = 256

# What a fit by mini-batches notes epoch by epoch, and one by L-BFGS does not have.
_OF_EPOCHS = ("loss_curve_", "validation_scores_", "validation_loss_curve_", "best_validation_score_", "best_loss_")


class _OfMiniBatches:
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


class _BaseMLP(BaseEstimator):
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
            held = (*self._check_training(*validation_data, reset=False, incremental=True), None)
        elif self.early_stopping:
            self._check_classes_can_be_held_out(answers)
            chosen = hold_out(answers, self.validation_fraction, draw, self.n_outputs_ == 1 or answers.ndim == 1)
            if chosen.sum() < 2:
                raise ValueError(
                    "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
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
        if "network_" not in self.__dict__:
            _validation.check_fitted(self)
        if not _validation.quickly_checked(self, X):
            X = _validation.check_samples(self, X)
            outputs = self._outputs(X)
        elif X.shape[0] < _FEW:
            outputs = self.network_.forward(X, threads=1)
        else:
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


_PARAMETERS = """

    Parameters that scikit-learn's estimator of this name has, too, mean the same here: hidden_layer_sizes, activation
    (also leaky_relu, gelu, silu and scaled_tanh), solver, alpha, batch_size, learning_rate, learning_rate_init, power_t,
    max_iter, shuffle, random_state, tol, verbose, warm_start, momentum, nesterovs_momentum, early_stopping,
    validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, max_fun. Training begins with the same parameters for
    the same random_state, and calculates with floats; the order of samples is the engine's.

    Parameters
    ----------
    class_weight : dict, "balanced" or None, default=None
        Of MLPClassifier: how much the samples of each class count, beside sample_weight; balanced: all classes the same.
    dropout : float or list of float, default=0.0
        The share of units that each sample leaves out in training, of all hidden layers or of each.
    n_jobs : int, default=None
        How many threads at most. None: as pays, and one where other fits run beside it. The result is the same.
    callbacks : list of callables, default=None
        Called with (estimator, record) after each epoch; the record has "epoch", "loss", and with validation
        "validation_score" and "validation_loss". One that returns True ends training.

    Attributes
    ----------
    network_ : minnow.Network
    coefs_, intercepts_ : lists of arrays
        A layer's weights [inputs][outputs] and biases [outputs]: copies; a list that is assigned changes the network.
    loss_curve_, validation_scores_, validation_loss_curve_ : lists, one value an epoch
    loss_, best_loss_, best_validation_score_, n_iter_, t_, n_layers_, n_outputs_, out_activation_, n_features_in_,
    feature_names_in_
        As in scikit-learn.
"""


class MLPClassifier(ClassifierMixin, _BaseMLP):
    __doc__ = (
        "A multilayer perceptron that tells classes. y are numbers or strings, one for each sample, or [samples][classes]\n"
        "    of 0 and 1 for samples of several classes." + _PARAMETERS
    )

    def __init__(
        self,
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        class_weight=None,
        dropout=0.0,
        n_jobs=None,
        callbacks=None,
    ):
        self._keep(locals())

    def _check_training(self, X, y, *, reset: bool, incremental: bool):
        X, y = _validation.check_training(self, X, y, reset=reset, numeric=False)
        multilabel = _validation.is_multilabel(y)
        known = "classes_" in self.__dict__ and (self.warm_start or incremental)
        found = np.arange(y.shape[1]) if multilabel else np.unique(y)
        if not known:
            self.classes_, self._multilabel = found, multilabel
        elif not incremental and not np.array_equal(found, self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously "
                f"got {self.classes_}, `y` has {found}"
            )
        elif multilabel != self._multilabel or len(np.setdiff1d(found, self.classes_)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {found}."
            )
        return X, self._encode(y)

    def _weigh(self, answers, weights, incremental: bool):
        if self.class_weight is None:
            return weights
        if self._multilabel:
            raise ValueError("class_weight is for samples of one class each; of several labels give sample_weight")
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                "class_weight 'balanced' is not supported for partial_fit, which does not see all samples: give a dict"
            )
        own = _validation.class_weights(self.class_weight, self.classes_, self.classes_[answers.ravel().astype(int)])
        return own if weights is None else own * weights

    def _check_classes_can_be_held_out(self, answers) -> None:
        if self._multilabel:
            return
        numbers, counts = np.unique(answers, return_counts=True)
        few = [str(bool(one) if answers.ndim == 2 else self.classes_[one]) for one in numbers[counts < 2]]
        if few:
            raise ValueError(
                "The least populated classes in y have only 1 member, which is too few. The minimum number of groups "
                f"for any class cannot be less than 2. Classes with too few members are: {few}"
            )

    def _encode(self, y) -> np.ndarray:
        """Two classes are one output, of the second; more are numbers; several at once are an output each."""
        if self._multilabel:
            return np.ascontiguousarray(y.toarray() if _arrays.is_sparse(y) else y, np.float32)
        numbers = np.searchsorted(self.classes_, y)
        return numbers.astype(np.uint32) if len(self.classes_) > 2 else numbers.astype(np.float32).reshape(-1, 1)

    def _loss(self, answers) -> tuple[str, str]:
        return ("softmax", "softmax") if answers.ndim == 1 else ("logistic", "logistic")

    def _decode(self, outputs: np.ndarray) -> np.ndarray:
        if self._multilabel:
            return (outputs > 0.5).astype(int)
        if self.n_outputs_ > 1:
            return self.classes_[outputs.argmax(axis=1)]
        chosen = (outputs[:, 0] > 0.5).astype(int)
        return self.classes_[np.minimum(chosen, len(self.classes_) - 1)]

    def _judge_outputs(self, outputs: np.ndarray, answers: np.ndarray, weights) -> float:
        """The accuracy."""
        if answers.ndim == 1:
            return float(np.average(outputs.argmax(axis=1) == answers, weights=weights))
        return float(np.average(((outputs > 0.5) == (answers > 0.5)).all(axis=1), weights=weights))

    @_OfMiniBatches
    def partial_fit(self, X, y, sample_weight=None, classes=None):
        """One epoch over these samples, from where the last call has come to.

        classes, all that there will be, are needed in the first call and may be left out of the others. Raises
        ValueError, and AttributeError for solver='lbfgs'.
        """
        with self._unchanged_if_refused():
            self._settle_classes(y, classes)
            run = self._prepare_partial(X, y, sample_weight)
        run()
        return self

    def _settle_classes(self, y, classes) -> None:
        if "classes_" not in self.__dict__:
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
            y_array = np.asarray(y) if not _arrays.is_sparse(y) else y
            self._multilabel = y_array.ndim == 2 and y_array.shape[1] > 1
            self.classes_ = np.unique(classes)
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(
                f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {self.classes_!r}"
            )

    def predict(self, X) -> np.ndarray:
        """The class of each sample [samples], or [samples][classes] of 0 and 1."""
        return self._decode(self._forward(X))

    def predict_proba(self, X) -> np.ndarray:
        """The probability of each class [samples][classes], in the order of classes_."""
        outputs = self._forward(X)
        return outputs if self.n_outputs_ > 1 else np.hstack([1 - outputs, outputs])

    def predict_log_proba(self, X) -> np.ndarray:
        """Its logarithm."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class MLPRegressor(RegressorMixin, _BaseMLP):
    __doc__ = (
        "A multilayer perceptron that predicts numbers, one or several for each sample. loss is squared_error,\n"
        "    absolute_error or huber." + _PARAMETERS
    )

    def __init__(
        self,
        loss="squared_error",
        hidden_layer_sizes=(100,),
        activation="relu",
        *,
        solver="adam",
        alpha=0.0001,
        batch_size="auto",
        learning_rate="constant",
        learning_rate_init=0.001,
        power_t=0.5,
        max_iter=200,
        shuffle=True,
        random_state=None,
        tol=1e-4,
        verbose=False,
        warm_start=False,
        momentum=0.9,
        nesterovs_momentum=True,
        early_stopping=False,
        validation_fraction=0.1,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
        n_iter_no_change=10,
        max_fun=15000,
        dropout=0.0,
        n_jobs=None,
        callbacks=None,
    ):
        self._keep(locals())

    def _check_training(self, X, y, *, reset: bool, incremental: bool):
        X, y = _validation.check_training(self, X, y, reset=reset, numeric=True)
        self._flat = y.ndim == 1
        answers = np.ascontiguousarray(y, np.float32)
        return X, answers.reshape(len(answers), -1)

    def _loss(self, answers) -> tuple[str, str]:
        return {"squared_error": "mse", "absolute_error": "mae", "huber": "huber"}[self.loss], "identity"

    def _judge_outputs(self, outputs: np.ndarray, answers: np.ndarray, weights) -> float:
        """R²."""
        return r2(answers.astype(np.float64), outputs.astype(np.float64), weights)

    @_OfMiniBatches
    def partial_fit(self, X, y, sample_weight=None):
        """One epoch over these samples, from where the last call has come to. Raises as MLPClassifier.partial_fit."""
        with self._unchanged_if_refused():
            run = self._prepare_partial(X, y, sample_weight)
        run()
        return self

    def predict(self, X) -> np.ndarray:
        """The numbers [samples], or [samples][outputs]."""
        outputs = self._forward(X)
        return outputs.ravel() if self.n_outputs_ == 1 and self._flat else outputs
