"""The estimators, without and with scikit-learn."""

import copy
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest

from minnow import MLPClassifier, MLPRegressor
from minnow._base import ConvergenceWarning, NotFittedError

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def quick(**parameters):
    return MLPClassifier(**{"hidden_layer_sizes": (12,), "max_iter": 60, "learning_rate_init": 0.02, "random_state": 0, **parameters})


def test_classes_of_any_kind(blobs):
    X, y = blobs
    names = np.array(["oak", "elm", "ash"])
    for labels in (y, names[y], names[y].astype(object), y * 10 - 5, y == 1):
        model = quick().fit(X, labels)
        assert model.score(X, labels) > 0.85
        assert set(model.predict(X)) <= set(labels)
        probabilities = model.predict_proba(X)
        assert probabilities.shape == (150, len(set(labels)))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(X))
        np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), probabilities)


def test_several_labels_at_once(blobs):
    X, y = blobs
    Y = np.column_stack([y == 0, y != 1, X[:, 0] > 1]).astype(int)
    model = quick(max_iter=150).fit(X, Y)
    assert model.predict(X).shape == (150, 3) and model.score(X, Y) > 0.8
    assert model.out_activation_ == "logistic" and model.n_outputs_ == 3


def test_precision_and_kinds_of_samples(blobs):
    X, y = blobs
    bytes_ = np.clip(X * 20 + 60, 0, 255).astype(np.uint8)
    models = {dtype: quick().fit(bytes_.astype(dtype), y) for dtype in ("uint8", "float32", "float64", "int32")}
    for dtype, model in models.items():
        assert model.network_.params_crc32 == models["float32"].network_.params_crc32, dtype
        assert model.coefs_[0].dtype == (np.float32 if dtype == "float32" else np.float64)
        np.testing.assert_array_equal(model.predict(bytes_), models["float32"].predict(bytes_.astype(np.float32)))
    assert models["float32"].predict_proba(bytes_.astype(np.float32)).dtype == np.float32


def test_sparse_samples_stay_what_they_are(blobs):
    sparse = pytest.importorskip("scipy.sparse")
    X, y = np.maximum(blobs[0] - 1, 0), blobs[1]
    dense, lists = quick().fit(X, y), quick().fit(sparse.csc_matrix(X), y)
    assert dense.network_.params_crc32 == lists.network_.params_crc32
    np.testing.assert_array_equal(dense.predict_proba(X), lists.predict_proba(sparse.csr_array(X)))
    early = quick(early_stopping=True)
    np.testing.assert_array_equal(early.fit(X, y).predict(X), early.fit(sparse.csr_matrix(X), y).predict(X))


def test_numbers_are_predicted(blobs):
    X, _ = blobs
    y = np.column_stack([X[:, 0] - 2 * X[:, 1], X[:, 2]])
    for loss in ("squared_error", "absolute_error", "huber"):
        model = MLPRegressor(loss, (16,), learning_rate_init=0.02, random_state=0, max_iter=150)
        assert model.fit(X, y).score(X, y) > 0.9
        assert model.fit(X, y[:, 0]).predict(X).shape == (150,)
    assert MLPRegressor(max_iter=5).fit(X, y[:, 0]).out_activation_ == "identity"


def test_the_result_hangs_on_the_seed_alone(blobs):
    X, y = blobs
    expected = quick().fit(X, y).network_.params_crc32
    for n_jobs in (1, 2, -1):
        assert quick(n_jobs=n_jobs).fit(X, y).network_.params_crc32 == expected
    assert quick(random_state=1).fit(X, y).network_.params_crc32 != expected
    assert quick(random_state=np.random.RandomState(0)).fit(X, y).network_.params_crc32 == expected


def test_solvers_and_rates(blobs):
    X, y = blobs
    for parameters in (
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.1, "learning_rate_init": 0.5},
        {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.1},
        {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.1},
        {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.3},
        {"activation": "logistic"}, {"activation": "gelu"}, {"dropout": 0.2}, {"dropout": [0.1, 0.0], "hidden_layer_sizes": (8, 8)},
        {"batch_size": 10}, {"shuffle": False}, {"hidden_layer_sizes": 9}, {"hidden_layer_sizes": ()},
    ):
        model = quick(**parameters).fit(X, y)
        assert model.score(X, y) > 0.8, parameters
        assert model.loss_curve_[-1] < model.loss_curve_[0]
    model = quick(solver="sgd", learning_rate="invscaling", power_t=0.5).fit(X, y)
    assert model.learning_rate_ == pytest.approx(0.02 / (model.t_ + 1) ** 0.5)


def test_lbfgs(blobs):
    pytest.importorskip("scipy")
    X, y = blobs
    assert quick(solver="lbfgs").fit(X, y).score(X, y) > 0.9
    assert not hasattr(quick(solver="lbfgs"), "partial_fit")
    with pytest.raises(ValueError, match="dropout has no effect"):
        quick(solver="lbfgs", dropout=0.5).fit(X, y)


def test_parts_one_after_another(blobs):
    X, y = blobs
    model = quick()
    with pytest.raises(ValueError, match="classes must be passed"):
        model.partial_fit(X, y)
    for _ in range(40):
        for first in range(0, 150, 50):
            model.partial_fit(X[first : first + 50], y[first : first + 50], classes=[0, 1, 2])
    assert model.score(X, y) > 0.85 and model.t_ == 40 * 150
    model.partial_fit(X[:1], y[:1])  # one class of three, one sample
    again = pickle.loads(pickle.dumps(model))
    assert again.partial_fit(X, y).score(X, y) > 0.8
    with pytest.raises(ValueError, match="not in `self.classes_`"):
        model.partial_fit(X, y + 7)
    with pytest.raises(ValueError, match="early_stopping"):
        quick(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2])
    regressor = MLPRegressor(hidden_layer_sizes=(8,), learning_rate_init=0.02)
    for _ in range(150):
        regressor.partial_fit(X, X[:, 0])
    assert regressor.score(X, X[:, 0]) > 0.8


def test_going_on_warmly(blobs):
    X, y = blobs
    model = quick(warm_start=True, max_iter=5)
    for _ in range(8):
        model.fit(X, y)
    assert len(model.loss_curve_) == 40 and model.n_iter_ == 5
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        model.fit(X[y < 2], y[y < 2])
    model.set_params(warm_start=False).fit(X[y < 2], y[y < 2])
    assert len(model.classes_) == 2 and len(model.loss_curve_) == 5


def test_stopping_early_keeps_the_best(blobs):
    X, y = blobs
    model = quick(early_stopping=True, max_iter=200, n_iter_no_change=5, validation_fraction=0.2).fit(X, y)
    assert len(model.validation_scores_) == len(model.validation_loss_curve_) == model.n_iter_ < 200
    assert model.best_validation_score_ == max(model.validation_scores_) and model.best_loss_ is None
    other = quick(max_iter=20).fit(X[::2], y[::2], validation_data=(X[1::2], y[1::2]))
    assert len(other.validation_scores_) == 20
    assert other.validation_scores_[-1] == pytest.approx(other.score(X[1::2], y[1::2]))
    loss = -np.log(other.predict_proba(X[1::2])[np.arange(75), y[1::2]]).mean()
    assert other.validation_loss_curve_[-1] == pytest.approx(loss, rel=1e-4)


def test_callbacks_and_warnings(blobs):
    X, y = blobs
    seen = []
    model = quick(callbacks=[lambda estimator, record: seen.append((estimator.n_iter_, record["loss"])) or len(seen) == 4])
    model.fit(X, y)
    assert [epoch for epoch, _ in seen] == [1, 2, 3, 4] and model.n_iter_ == 4
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\)"):
        quick(max_iter=2).fit(X, y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_weight_of_two_is_a_sample_twice(solver, blobs):
    if solver == "lbfgs":
        pytest.importorskip("scipy")
    X, y = blobs
    weights = np.random.default_rng(0).integers(0, 4, 150)
    for model, answers in ((quick(), y), (quick(), y == 1), (MLPRegressor(random_state=0), X[:, 0])):
        model.set_params(solver=solver, max_iter=15, batch_size=500, alpha=0.5, hidden_layer_sizes=(8,))
        ask = getattr(model, "predict_proba", model.predict)
        model.fit(X, answers, sample_weight=weights)
        weighted = ask(X)
        loss = model.loss_
        model.fit(np.repeat(X, weights, axis=0), np.repeat(answers, weights))
        np.testing.assert_allclose(ask(X), weighted, atol=2e-3)
        assert model.loss_ == pytest.approx(loss, rel=1e-3)


def test_classes_weigh(blobs):
    X, y = blobs
    few = np.r_[np.flatnonzero(y == 0)[:6], np.flatnonzero(y == 1), np.flatnonzero(y == 2)]
    X, y = X[few], np.array(["rare", "b", "c"])[y[few]]
    counts = {"rare": 106 / 3 / 6, "b": 106 / 3 / 50, "c": 106 / 3 / 50}
    balanced = quick(class_weight="balanced").fit(X, y)
    by_hand = quick(class_weight=counts).fit(X, y)
    by_sample = quick().fit(X, y, sample_weight=[counts[one] for one in y])
    np.testing.assert_array_equal(balanced.predict_proba(X), by_hand.predict_proba(X))
    np.testing.assert_array_equal(balanced.predict_proba(X), by_sample.predict_proba(X))
    plain, rare = quick().fit(X, y), list(balanced.classes_).index("rare")
    assert balanced.predict_proba(X)[:, rare].mean() > plain.predict_proba(X)[:, rare].mean()
    with pytest.raises(ValueError, match="are not in class_weight's data"):
        quick(class_weight={"oak": 2}).fit(X, y)
    with pytest.raises(ValueError, match="not supported for partial_fit"):
        quick(class_weight="balanced").partial_fit(X, y, classes=["rare", "b", "c"])
    with pytest.raises(ValueError, match="one class each"):
        quick(class_weight="balanced").fit(X, np.column_stack([y == "b", y == "c"]).astype(int))


@pytest.mark.parametrize("weights", [[1, 2], np.full(150, -1.0), np.full(150, np.nan), np.zeros(150), np.ones((150, 2))])
def test_wrong_weights(weights, blobs):
    with pytest.raises(ValueError, match="[Ss]ample.weight"):
        quick().fit(*blobs, sample_weight=weights)


def test_what_is_no_pair_of_validation_data(blobs):
    X, y = blobs
    for wrong in (X, (X, y, y), "Xy"):
        with pytest.raises(ValueError, match="validation_data is a .*, expected a pair"):
            quick().fit(X, y, validation_data=wrong)


def test_weights_that_are_zero_on_one_side_of_early_stopping(blobs):
    weights = np.zeros(150)
    weights[7] = 1
    for model, answers in ((quick(early_stopping=True), blobs[1]), (MLPRegressor(early_stopping=True), blobs[0][:, 0])):
        with pytest.raises(ValueError, match="sample_weight is zero for all samples that early_stopping"):
            model.fit(blobs[0], answers, sample_weight=weights)


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"hidden_layer_sizes": -1}, "hidden_layer_sizes"),
        ({"hidden_layer_sizes": (3, 0)}, r"hidden_layer_sizes must be > 0, got \[3, 0\]"),
        ({"alpha": -1}, r"The 'alpha' parameter of MLPClassifier must be a float in the range \[0.0, inf\). Got -1 instead"),
        ({"solver": "hadoken"}, "The 'solver' parameter of MLPClassifier must be a str among {'adam', 'lbfgs', 'sgd'}"),
        ({"activation": "ghost"}, "The 'activation' parameter"),
        ({"max_iter": 0}, "The 'max_iter' parameter"),
        ({"shuffle": "true"}, "The 'shuffle' parameter"),
        ({"momentum": 2}, "The 'momentum' parameter"),
        ({"dropout": 1.0}, "The 'dropout' parameter"),
        ({"dropout": [0.1, 0.2]}, "dropout"),
        ({"n_jobs": 0}, "The 'n_jobs' parameter"),
        ({"random_state": "x"}, "cannot be used to seed"),
    ],
)
def test_parameters_are_checked(parameters, message, blobs):
    with pytest.raises(ValueError, match=message):
        quick(**parameters).fit(*blobs)


def test_samples_are_checked(blobs):
    X, y = blobs
    model = quick(max_iter=3)
    for method in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            getattr(model, method)(X)
    with pytest.raises(AttributeError):
        model.coefs_
    model.fit(X, y)
    with pytest.raises(ValueError, match="3 features, but MLPClassifier is expecting 4 features"):
        model.predict(X[:, :3])
    for bad in (np.nan, np.inf):
        wrong = X.copy()
        wrong[3, 1] = bad
        for call in (lambda: model.predict(wrong), lambda: quick().fit(wrong, y), lambda: model.predict(wrong.astype(np.float32))):
            with pytest.raises(ValueError, match="NaN|infinity"):
                call()
    with pytest.raises(ValueError, match="floats end at"):
        quick().fit(X * 1e300, y)
    with pytest.raises(ValueError, match="Unknown label type"):
        quick().fit(X, X[:, 0])


def test_parameters_of_the_network(blobs):
    X, y = blobs
    model = quick().fit(X, y)
    assert [w.shape for w in model.coefs_] == [(4, 12), (12, 3)] and model.n_layers_ == 3
    with pytest.raises(ValueError, match="read-only"):
        model.coefs_[0][0, 0] = 1
    model.coefs_ = [w * 0 for w in model.coefs_]
    model.intercepts_ = [b * 0 for b in model.intercepts_]
    np.testing.assert_allclose(model.predict_proba(X), 1 / 3, rtol=1e-6)


def test_pickles_and_copies(blobs):
    X, y = blobs
    model = quick().fit(X, y)
    data = pickle.dumps(model)
    assert b"params_crc32" in data  # the header of a safetensors file
    for other in (pickle.loads(data), copy.deepcopy(model)):
        np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))
        assert other.get_params() == model.get_params()
    assert model.network_._repr_html_() in model._repr_mimebundle_()["text/html"]


def test_without_scikit_learn(blobs, tmp_path):
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import numpy as np, minnow, pickle\n"
        "X, y = np.load('X.npy'), np.load('y.npy')\n"
        "m = minnow.MLPClassifier((12,), max_iter=60, learning_rate_init=0.02, random_state=0).fit(X, y)\n"
        "assert m.score(X, y) > 0.85 and pickle.loads(pickle.dumps(m)).score(X, y) > 0.85\n"
        "assert m.set_params(alpha=1.0).get_params()['alpha'] == 1.0 and 'alpha=1.0' in repr(m)\n"
        "r = minnow.MLPRegressor(random_state=0, learning_rate_init=0.02).fit(X, X[:, 0])\n"
        "assert r.score(X, X[:, 0]) > 0.9\n"
        "for call in (lambda: m.predict(X[:, :2]), lambda: m.fit(X * np.nan, y), lambda: m.fit(X, X[:, 0]),\n"
        "             lambda: m.fit(X[0], y), lambda: m.fit(X, y[:3]), lambda: m.set_params(beta=1),\n"
        "             lambda: minnow.MLPClassifier().predict(X)):\n"
        "    try: call()\n"
        "    except ValueError: pass\n"
        "    else: raise SystemExit('not refused')\n"
        "print(m.network_.params_crc32)\n"
    )
    np.save(tmp_path / "X.npy", blobs[0])
    np.save(tmp_path / "y.npy", blobs[1])
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.strip() == quick().fit(*blobs).network_.params_crc32


@pytest.mark.parametrize("way", [{}, {"dropout": 0.5}, {"solver": "sgd", "learning_rate": "invscaling"}, {"shuffle": False}], ids=str)
def test_a_part_is_an_epoch_of_fit(way, blobs):
    X, y = blobs
    whole, parts = quick(max_iter=4, batch_size=20, **way).fit(X, y), quick(batch_size=20, **way)
    for _ in range(4):
        parts.partial_fit(X, y, classes=[0, 1, 2])
    assert parts.network_.params_crc32 == whole.network_.params_crc32
    assert parts.loss_curve_ == whole.loss_curve_


def test_each_call_draws_dropout_anew(blobs, monkeypatch):
    from minnow import _fitting

    X, y = blobs
    model, seeds = quick(dropout=0.5), []
    for _ in range(3):  # the optimiser's moments, and where the draws have come to, are not in the pickle
        model.partial_fit(X, y, classes=[0, 1, 2])
        seeds.append(model._trainer.seed)
        model = pickle.loads(pickle.dumps(model))
    assert len(set(seeds)) == 3

    seeds.clear()
    trainer = _fitting.Trainer
    monkeypatch.setattr(_fitting, "Trainer", lambda *given: seeds.append(given[2].seed) or trainer(*given))
    model = quick(dropout=0.5, warm_start=True, max_iter=1)
    for _ in range(4):
        model.fit(X, y)
    assert len(set(seeds)) == 4
    seeds.clear()
    model = quick(dropout=0.5, max_iter=1)
    assert model.fit(X, y).network_.params_crc32 == model.fit(X, y).network_.params_crc32
    assert seeds[0] == seeds[1]


def test_one_sample_is_what_it_is_among_others(blobs):
    X, y = blobs
    models = [quick().fit(X, y), quick().fit(X, y == 1), quick().fit(X, np.column_stack([y == 0, y == 1]).astype(int))]
    models += [quick().fit(X, y > -1), MLPRegressor(max_iter=5).fit(X, X[:, 0]), MLPRegressor(max_iter=5).fit(X, X[:, :2])]
    for model in models:
        for method in {"predict", "predict_proba", "predict_log_proba"} & set(dir(model)):
            ask = getattr(model, method)
            for dtype in (np.float32, np.float64):
                samples = X.astype(dtype)
                for one in (samples[7:8], np.asfortranarray(samples)[7:8], np.repeat(samples, 2, axis=1)[7:8, ::2]):
                    found, expected = ask(one), ask(samples)[7:8]
                    np.testing.assert_array_equal(found, expected)
                    assert found.dtype == expected.dtype and found.shape == expected.shape
                    kept = ask(samples[8:9])
                    np.testing.assert_array_equal(found, expected)  # and not what is predicted next
                    assert kept is not found


def test_numbers_too_large_for_floats(blobs):
    X, y = blobs
    models = [quick(max_iter=3).fit(X, y), quick(max_iter=3, activation="tanh").fit(X, y)]
    models += [quick(max_iter=3).fit(X, y == 1), MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0).fit(X, X[:, 0])]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in models:
            for method in {"predict", "predict_proba"} & set(dir(model)):
                for samples in (X[:1] * 1e300, np.tile(X * 1e300, (3, 1))):
                    with pytest.raises(ValueError, match="floats"):
                        getattr(model, method)(samples)
        with pytest.raises(ValueError, match="not finite"):
            models[-1].predict(np.full((1, 4), 3e38, np.float32))
        with pytest.raises(ValueError, match="floats end at"):
            models[0].network_.forward(X * 1e300)
        with pytest.raises(ValueError, match="infinity"):
            models[0].predict(np.array([[np.inf, -np.inf, 0, 0]]))


def test_another_way_of_fitting_goes_on(blobs):
    X, y = blobs
    model = quick(early_stopping=True, max_iter=3).fit(X, y)
    model.set_params(early_stopping=False).partial_fit(X, y)
    assert np.isfinite(model.best_loss_) and len(model.loss_curve_) == 4
    model.set_params(solver="sgd").partial_fit(X, y)
    model.set_params(momentum=0.0).partial_fit(X, y)
    model.set_params(solver="adam", early_stopping=True, warm_start=True).fit(X, y)
    assert model.best_validation_score_ == max(model.validation_scores_)
    other = quick(max_iter=2, warm_start=True).fit(X, y)
    other.set_params(early_stopping=True).fit(X, y)
    assert other.best_validation_score_ == max(other.validation_scores_)
    pytest.importorskip("scipy")
    model = quick(solver="lbfgs", max_iter=3).fit(X, y)
    assert not hasattr(model, "loss_curve_")
    model.set_params(solver="adam").partial_fit(X, y)
    assert len(model.loss_curve_) == 1


def test_a_refused_fit_changes_nothing(blobs):
    X, y = blobs
    names = np.array(["oak", "elm", "ash"])[y]
    model = quick().fit(X, names)
    before = model.predict(X)
    wrong = [
        lambda: model.fit(X[:, :2], names == "oak", sample_weight=np.ones(3)),
        lambda: model.fit(X, y == 1, validation_data=(X, y)),
        lambda: model.set_params(dropout=[0.1, 0.2]).fit(X[:, :2], y == 1),
        lambda: model.partial_fit(X, y),
    ]
    for call in wrong:
        with pytest.raises(ValueError):
            call()
        model.set_params(dropout=0.0)
        assert list(model.classes_) == ["ash", "elm", "oak"] and model.n_outputs_ == 3 and model.n_features_in_ == 4
        np.testing.assert_array_equal(model.predict(X), before)
    fresh = quick()
    with pytest.raises(ValueError):
        fresh.partial_fit(X, y, classes=[0, 1])
    assert not hasattr(fresh, "classes_")
    assert fresh.partial_fit(X, y, classes=[0, 1, 2]).predict(X).shape == (150,)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_one_thread_in_a_pools_process():
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from minnow._fitting import threads_of

    assert threads_of(None) == 0
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        assert pool.submit(threads_of, None).result(timeout=60) == 1


def test_arrays_of_dropout_and_large_batches(blobs):
    X, y = blobs
    two = {"hidden_layer_sizes": (8, 8), "max_iter": 3}
    given = quick(dropout=np.array([0.1, 0.2]), **two).fit(X, y)
    assert given.network_.params_crc32 == quick(dropout=[0.1, 0.2], **two).fit(X, y).network_.params_crc32
    for wrong in (np.array([[0.1, 0.2]]), np.array(["a", "b"]), np.array([0.1, 1.0])):
        with pytest.raises(ValueError, match="The 'dropout' parameter"):
            quick(dropout=wrong, **two).fit(X, y)
    with pytest.raises(ValueError, match="at most 65536 samples"):
        quick(batch_size=70000).fit(np.tile(X[:, :1], (480, 1)), np.tile(y, 480))
