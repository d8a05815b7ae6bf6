"""scikit-learn's base classes where it is installed, and what stands for them where it is not."""

from __future__ import annotations

import inspect

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning, NotFittedError

    HAVE_SKLEARN = True
except ImportError:
    HAVE_SKLEARN = False

    class ConvergenceWarning(UserWarning):  # type: ignore[no-redef]
        """Training ended before it had converged."""

    class NotFittedError(ValueError, AttributeError):  # type: ignore[no-redef]
        """An estimator is asked for what only fit gives it."""

    class BaseEstimator:  # type: ignore[no-redef]
        """Parameters are what the constructor takes, and kept under the same names."""

        @classmethod
        def _get_param_names(cls) -> list[str]:
            return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

        def get_params(self, deep: bool = True) -> dict:
            """The parameters by their names."""
            return {name: getattr(self, name) for name in self._get_param_names()}

        def set_params(self, **params):
            """Sets parameters. Raises ValueError for one that there is not."""
            names = self._get_param_names()
            for name, value in params.items():
                if name not in names:
                    raise ValueError(
                        f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: {names!r}."
                    )
                setattr(self, name, value)
            return self

        def __repr__(self) -> str:
            defaults = inspect.signature(type(self).__init__).parameters
            given = self.get_params().items()
            changed = ", ".join(f"{name}={value!r}" for name, value in given if value != defaults[name].default)
            return f"{type(self).__name__}({changed})"

        def __getstate__(self) -> dict:
            return dict(self.__dict__)

    class ClassifierMixin:  # type: ignore[no-redef]
        """The score of a classifier."""

        def score(self, X, y, sample_weight=None) -> float:
            """The accuracy; of several labels, the share of samples all of whose labels were found."""
            right = np.asarray(self.predict(X)) == np.asarray(y)
            return float(np.average(right if right.ndim == 1 else right.all(axis=1), weights=sample_weight))

    class RegressorMixin:  # type: ignore[no-redef]
        """The score of a regressor."""

        def score(self, X, y, sample_weight=None) -> float:
            """R², the mean over the numbers that are predicted."""
            return r2(np.asarray(y, float), np.asarray(self.predict(X), float), sample_weight)


def r2(y: np.ndarray, predicted: np.ndarray, weight=None) -> float:
    """1 − Σ (y − predicted)² / Σ (y − mean)², the mean over the outputs; of constant numbers, 1 or 0."""
    y, predicted = y.reshape(len(y), -1), predicted.reshape(len(y), -1)
    left = np.average((y - predicted) ** 2, axis=0, weights=weight)
    spread = np.average((y - np.average(y, axis=0, weights=weight)) ** 2, axis=0, weights=weight)
    constant = np.where(left == 0, 1.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(spread > 0, 1 - left / spread, constant).mean())
