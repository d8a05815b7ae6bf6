import copy
import ctypes
import pickle
import threading

import numpy as np
import pytest

import minnow


@pytest.fixture
def network():
    return minnow.Network((6, 5, 4, 3), activation=("tanh", "relu"), seed=7)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)


def by_hand(network, X):
    """In double: what the layers make of samples."""
    a = X.astype(np.float64)
    f = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}
    for (weights, biases), name in zip(network.layers, (*network.activations, None)):
        a = a @ weights + biases
        a = f[name](a) if name else a
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_forward_is_what_the_layers_say(network, X):
    np.testing.assert_allclose(network.forward(X), by_hand(network, X), rtol=1e-5)
    np.testing.assert_array_equal(network(X.astype(np.float64)), network.forward(X))
    np.testing.assert_array_equal(network(np.asfortranarray(X)), network.forward(X))
    np.testing.assert_array_equal(network.predict(X), by_hand(network, X).argmax(axis=1))


def test_one_row_among_others_and_many_threads():
    network = minnow.Network((300, 200, 10))
    X = np.random.default_rng(0).normal(size=(1000, 300)).astype(np.float32)
    many = network.forward(X)
    np.testing.assert_array_equal(many, network.forward(X, threads=1))
    np.testing.assert_array_equal(many[[7]], network.forward(X[[7]]))


def test_bytes_are_scaled(network):
    X = np.arange(12, dtype=np.uint8).reshape(2, 6)
    np.testing.assert_array_equal(network.forward(X), network.forward(X / 256))
    network.metadata["input_scaling"] = "0.5"
    np.testing.assert_array_equal(network.forward(X), network.forward(X / 2))


@pytest.mark.parametrize(
    "wrong, message",
    [
        (np.zeros((2, 5), np.float32), "5 features, but the network takes 6"),
        (np.zeros(6, np.float32), "1 dimensions"),
        (np.array([["a"] * 6]), "expected numbers"),
    ],
)
def test_wrong_samples(network, wrong, message):
    with pytest.raises(ValueError, match=message):
        network.forward(wrong)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"sizes": (6,)}, "expected those of inputs"),
        ({"sizes": (6, 0)}, "at least 1"),
        ({"sizes": (6, 70000)}, "70000"),
        ({"sizes": (6, 5, 4), "activation": "sin"}, "'sin', expected one of relu"),
        ({"sizes": (6, 5, 4), "activation": ("relu",) * 3}, "3 activations, expected one, or 1"),
        ({"sizes": (6, 4), "loss": "hinge"}, "'hinge', expected one of softmax"),
        ({"sizes": (6, 4), "init": "best"}, "'best'"),
        ({"sizes": (6, 4), "isa": "mmx"}, "mmx"),
        ({"sizes": (6, 4), "seed": -1}, "seed is -1, expected a whole number"),
        ({"sizes": (6, 4), "seed": 2**64 + 1}, "expected a whole number"),
    ],
)
def test_wrong_shapes(arguments, message):
    with pytest.raises(ValueError, match=message):
        minnow.Network(**arguments)


def test_files_keep_everything(network, X, tmp_path):
    network.metadata["training"] = '{"by": "hand"}'
    network.save(tmp_path / "n.safetensors")
    again = minnow.load(tmp_path / "n.safetensors")
    assert again.params_crc32 == network.params_crc32
    assert again.activations == ("tanh", "relu") and again.sizes == (6, 5, 4, 3)
    assert again.metadata["training"] == '{"by": "hand"}'
    del again.metadata["training"]
    assert "training" not in again.metadata and "tra\0ining" not in again.metadata
    for pair in (("a\0b", "c"), ("a", "b\0c")):
        with pytest.raises(ValueError, match="zero character"):
            again.metadata[pair[0]] = pair[1]
    network.save_npy(tmp_path / "folder")
    folder = minnow.load(tmp_path / "folder", activation=("tanh", "relu"))
    np.testing.assert_array_equal(folder.forward(X), network.forward(X))
    for name in ("n.onnx", "n.h"):
        minnow.save(network, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 100


def test_wrong_files(network, tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing"):
        minnow.load(tmp_path / "nothing")
    network.save(tmp_path / "n.safetensors")
    data = (tmp_path / "n.safetensors").read_bytes()
    (tmp_path / "half").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="half"):
        minnow.load(tmp_path / "half")
    with pytest.raises(ValueError):
        minnow.Network.from_bytes(b"rubbish")
    with pytest.raises(ValueError, match="zero byte"):
        minnow.load("a\0b")
    with pytest.raises(OSError):
        network.save(tmp_path / "no" / "such" / "folder")


def test_pickles_hold_safetensors(network, X):
    data = pickle.dumps(network)
    assert b"params_crc32" in data
    for other in (pickle.loads(data), copy.deepcopy(network), network.copy()):
        assert other.params_crc32 == network.params_crc32
        np.testing.assert_array_equal(other.forward(X), network.forward(X))


def test_layers_are_copies(network):
    weights, biases = network.layer(-1)
    weights[:] = 1
    assert network.layer(2)[0].max() < 10 and not np.array_equal(network.layer(2)[0], weights)
    network.set_layer(2, weights, np.arange(3))
    np.testing.assert_array_equal(network.layer(2)[0], weights)
    np.testing.assert_array_equal(network.layer(2)[1], [0, 1, 2])
    with pytest.raises(ValueError, match="expected"):
        network.set_layer(2, weights.T)
    with pytest.raises(IndexError):
        network.layer(3)


def test_gradients_are_central_differences(network, X):
    y = np.arange(20) % 3
    loss, gradients = network.gradients(X, y)
    chosen = by_hand(network, X)[np.arange(20), y]
    assert loss == pytest.approx(-np.log(chosen).mean(), rel=1e-5)
    for layer in range(3):
        weights, _ = network.layer(layer)
        nudged = network.copy()
        losses = []
        for step in (1e-3, -1e-3):
            changed = weights.copy()
            changed[1, 2] += step
            nudged.set_layer(layer, changed)
            losses.append(-np.log(by_hand(nudged, X)[np.arange(20), y]).mean())
        assert gradients[layer][0][1, 2] == pytest.approx((losses[0] - losses[1]) / 2e-3, rel=1e-2, abs=1e-5)


def test_a_trace_is_the_gradient_of_one_sample(network, X):
    walk = network.trace(X[0], 2)
    loss, gradients = network.gradients(X[:1], [2])
    assert walk["loss"] == pytest.approx(loss)
    for layer in range(3):
        np.testing.assert_array_equal(walk["weight_gradients"][layer], gradients[layer][0])
        np.testing.assert_array_equal(walk["bias_gradients"][layer], gradients[layer][1])
    np.testing.assert_array_equal(walk["activations"][-1], network.forward(X[:1])[0])
    assert network.trace(X[0])["loss"] is None
    with pytest.raises(ValueError, match="label is 3"):
        network.trace(X[0], 3)


def test_explanations_add_up_for_what_is_linear():
    network = minnow.Network((4, 2), loss="mse")
    x = np.array([1, -2, 0, 3], np.float32)
    found = network.explain(x, 1)
    np.testing.assert_allclose(-found["saliency"], x * network.layer(0)[0][:, 1] * -1, rtol=1e-4, atol=1e-6)
    assert network.explain(x)["label"] == network.forward(x[None]).argmax()


def test_a_notebook_shows_shapes_curves_and_tiles(digits):
    X, y = digits
    network = minnow.train(minnow.Dataset(X, y), hidden=(16,), epochs=3, validation=0.2)
    page = network._repr_html_()
    for part in ("784 × 16", "polyline", "validation loss", "data:image/png"):
        assert part in page
    assert len(page) < 60_000 and "<script" not in page
    assert "polyline" not in minnow.Network((3, 2))._repr_html_()


def ensemble(*members):
    from minnow._library import lib

    handle = ctypes.c_void_p()
    pointers = (ctypes.c_void_p * len(members))(*(one._handle for one in members))
    lib.minnow_ensemble_create(pointers, len(members), ctypes.byref(handle))
    return minnow.Network._of(handle)


def test_copies_are_of_all_there_is(network, X):
    network.metadata["input_scaling"] = "0.5"
    both = ensemble(network, minnow.Network((6, 5, 4, 3), activation=("tanh", "relu"), seed=8))
    bytes_ = np.arange(12, dtype=np.uint8).reshape(2, 6)
    for one in (network, both):
        np.testing.assert_array_equal(one.copy().forward(X), one.forward(X))
        np.testing.assert_array_equal(one.copy().forward(bytes_), one.forward(bytes_))
        assert one.copy().isa == one.isa
    assert both.copy().member_count == 2 and both._repr_html_()
    for call in (lambda: both.layers, lambda: both.set_layer(0)):
        with pytest.raises(ValueError, match="an ensemble of 2 networks"):
            call()


def test_a_thread_that_fails_is_heard(monkeypatch):
    from minnow import _predicting as module

    network = minnow.Network((300, 200, 10))
    X = np.random.default_rng(0).normal(size=(1000, 300)).astype(np.float32)
    expected, predict = network.forward(X), module._predict
    monkeypatch.setattr(module, "available_threads", lambda: 4)

    def fails_elsewhere(*arguments):
        if threading.current_thread() is not threading.main_thread():
            raise MemoryError("no memory")
        return predict(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_predict", fails_elsewhere)
        with pytest.raises(MemoryError, match="no memory"):
            network.forward(X)

    def refuses(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuses)
        np.testing.assert_array_equal(network.forward(X), expected)


def test_no_rows(network):
    for dtype in (np.float32, np.float64, np.uint8):
        assert network.forward(np.empty((0, 6), dtype)).shape == (0, 3)
    assert network.predict(np.empty((0, 6), np.float32)).shape == (0,)
    with pytest.raises(ValueError, match="5 features"):
        network.forward(np.empty((0, 5)))


@pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
@pytest.mark.parametrize("size", [3e7, -1e12, 5.0])
def test_large_numbers_are_explained(loss, size):
    network = minnow.Network((4, 2), loss=loss)
    network.set_layer(0, None, [size, size])
    x = np.array([1, -2, 0, 3], np.float32)
    np.testing.assert_allclose(network.explain(x, 1)["saliency"], x * network.layer(0)[0][:, 1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("side", [4, 14, 28, 61, 120])
def test_a_page_is_small(side):
    network = minnow.Network((side * side, 30, 10))
    network.history = [{"epoch": i, "loss": 1 / (i + 1), "validation_loss": 1.0} for i in range(20000)]
    page = network._repr_html_()
    assert page.count("data:image/png") == 24 and len(page) < 60_000
