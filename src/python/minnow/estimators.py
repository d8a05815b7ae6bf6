"""MLPClassifier and MLPRegressor: scikit-learn's manners, minnow's engine."""

from __future__ import annotations

import numpy as np

from . import _arrays, _validation
from ._base import ClassifierMixin, RegressorMixin, r2
from ._estimator import BaseMLP, OfMiniBatches

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


class MLPClassifier(ClassifierMixin, BaseMLP):
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
            return self.classes_.take(outputs.argmax(1))
        # Bytes 0 and 1 of what may be a single class.
        return self.classes_.take((outputs.ravel() > 0.5).view(np.uint8), mode="clip")

    def _judge_outputs(self, outputs: np.ndarray, answers: np.ndarray, weights) -> float:
        """The accuracy."""
        if answers.ndim == 1:
            return float(np.average(outputs.argmax(axis=1) == answers, weights=weights))
        return float(np.average(((outputs > 0.5) == (answers > 0.5)).all(axis=1), weights=weights))

    @OfMiniBatches
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
        if self.n_outputs_ > 1:
            return outputs
        both = np.empty((len(outputs), 2), outputs.dtype)
        both[:, 1:] = outputs
        np.subtract(1, outputs, out=both[:, :1])
        return both

    def predict_log_proba(self, X) -> np.ndarray:
        """Its logarithm."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class MLPRegressor(RegressorMixin, BaseMLP):
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

    @OfMiniBatches
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
