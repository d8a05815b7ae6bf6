"""The estimators in scikit-learn's hands."""

import warnings

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from minnow import MLPClassifier, MLPRegressor  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


# The check fits once with weights of 0 to 4, and once with each sample as many times, in another order, and wants the outputs
# to agree to 1e-7. Equal they are in exact arithmetic only: the sums have other terms in another order. Doubles round nine
# digits further down; a float has 1e-7 itself, and minnow's contract is sums of floats in the order of samples. The check
# passes as it stands but for that tolerance, which the test behind this one shows.
_FLOATS = "wants sums of floats in two orders to agree to 1e-7, which is where a float ends"
EXCUSED = {f"check_sample_weight_equivalence_on_{kind}_data": _FLOATS for kind in ("dense", "sparse")}

ESTIMATORS = [MLPClassifier(max_iter=30), MLPRegressor(max_iter=30)]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
def test_every_check_of_scikit_learn(estimator):
    from sklearn.utils.estimator_checks import check_estimator

    if not hasattr(sklearn.utils, "get_tags"):
        pytest.skip(f"scikit-learn {sklearn.__version__} checks by tags of before 1.6")
    results = check_estimator(estimator, on_fail=None, on_skip=None, expected_failed_checks=EXCUSED)
    wrong = [(one["check_name"], repr(one["exception"])) for one in results if one["status"] not in ("passed", "skipped", "xfail")]
    assert not wrong
    assert sum(one["status"] == "passed" for one in results) > 45
    assert {one["check_name"] for one in results if one["status"] == "xfail"} <= set(EXCUSED)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_what_is_excused_holds_for_floats(kind, estimator, monkeypatch):
    from sklearn.utils import estimator_checks

    check = getattr(estimator_checks, f"check_sample_weight_equivalence_on_{kind}_data", None)
    if check is None:
        pytest.skip(f"scikit-learn {sklearn.__version__} has no such check")
    compare, compared = estimator_checks.assert_allclose_dense_sparse, []

    def as_floats(*arrays, **options):
        compared.append(arrays)
        compare(*arrays, rtol=2e-6, **options)

    monkeypatch.setattr(estimator_checks, "assert_allclose_dense_sparse", as_floats)
    check(type(estimator).__name__, estimator)
    assert compared


def test_it_begins_with_scikit_learns_parameters(blobs):
    from sklearn.neural_network import MLPClassifier as Other

    X, y = blobs
    for activation in ("relu", "logistic"):
        arguments = {"random_state": 5, "max_iter": 1, "learning_rate_init": 1e-12, "activation": activation}
        ours, theirs = MLPClassifier(**arguments).fit(X, y), Other(**arguments).fit(X, y)
        for ours_, theirs_ in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_):
            np.testing.assert_allclose(ours_, theirs_, rtol=1e-6, atol=1e-9)
        assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-5)


@pytest.mark.parametrize(
    "way",
    [
        {"solver": "adam"},
        {"solver": "sgd", "learning_rate_init": 0.02},
        {"solver": "sgd", "learning_rate_init": 0.02, "nesterovs_momentum": False, "alpha": 0.5},
        {"solver": "sgd", "learning_rate_init": 0.1, "momentum": 0.0, "learning_rate": "invscaling"},
    ],
    ids=str,
)
def test_the_same_steps_as_scikit_learn(way, blobs):
    """Without shuffling both see the same mini-batches, and so differ by rounding alone."""
    from sklearn.neural_network import MLPClassifier as Classifier
    from sklearn.neural_network import MLPRegressor as Regressor

    X, y = blobs
    arguments = {"random_state": 5, "max_iter": 15, "shuffle": False, "batch_size": 50, "activation": "tanh", **way}
    pairs = [
        (MLPClassifier(**arguments).fit(X, y), Classifier(**arguments).fit(X, y)),
        (MLPClassifier(**arguments).fit(X, y == 1), Classifier(**arguments).fit(X, y == 1)),
        (MLPRegressor(**arguments).fit(X, X[:, 0]), Regressor(**arguments).fit(X, X[:, 0])),
        (MLPRegressor(**arguments).fit(X, X[:, :3]), Regressor(**arguments).fit(X, X[:, :3])),
    ]
    for ours, theirs in pairs:
        for ours_, theirs_ in zip(ours.coefs_, theirs.coefs_):
            np.testing.assert_allclose(ours_, theirs_, rtol=1e-3, atol=1e-4)
    for ours, theirs in pairs[:3]:  # of several numbers, scikit-learn's loss is not the one its gradient is of
        np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=5e-3)


def test_data_frames(blobs):
    pandas = pytest.importorskip("pandas")
    X, y = blobs
    frame = pandas.DataFrame(X, columns=list("abcd"))
    model = MLPClassifier((8,), max_iter=30, random_state=0).fit(frame, pandas.Series(y).map({0: "x", 1: "y", 2: "z"}))
    assert list(model.feature_names_in_) == list("abcd") and list(model.classes_) == list("xyz")
    assert model.predict(frame).shape == (150,)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("dcba")])
    with pytest.warns(UserWarning, match="does not have valid feature names"), warnings.catch_warnings():
        warnings.simplefilter("always")
        model.predict(X)


def test_pipelines_grids_and_calibration(blobs):
    from sklearn.base import clone
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = blobs
    model = MLPClassifier((8,), max_iter=40, learning_rate_init=0.02, random_state=0)
    assert cross_val_score(make_pipeline(StandardScaler(), clone(model)), X, y, cv=3).mean() > 0.8
    search = GridSearchCV(model, {"alpha": [1e-4, 1e-2], "dropout": [0.0, 0.1]}, cv=2, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.8
    alone = GridSearchCV(model, {"alpha": [1e-4, 1e-2], "dropout": [0.0, 0.1]}, cv=2).fit(X, y)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])
    assert CalibratedClassifierCV(model, cv=2).fit(X, y).score(X, y) > 0.8


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_fits_side_by_side(backend, blobs):
    joblib = pytest.importorskip("joblib")
    X, y = blobs
    here = fit_one(X, y)  # with threads of its own, which a child after fork must do without
    found = joblib.Parallel(n_jobs=2, backend=backend)(joblib.delayed(fit_one)(X, y) for _ in range(4))
    assert found == [here] * 4


def fit_one(X, y):
    return MLPClassifier((64,), max_iter=10, random_state=0).fit(np.tile(X, (4, 1)), np.tile(y, 4)).network_.params_crc32
