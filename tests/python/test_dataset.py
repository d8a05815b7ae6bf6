import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import minnow


def test_floats_bytes_and_other_types_become_features():
    X = np.array([[0, 64], [128, 255]])
    expected = {"uint8": X / 256, "float32": X, "float64": X, "int64": X, "bool": X > 0}
    for dtype, values in expected.items():
        data = minnow.Dataset(X.astype(dtype), [0, 1])
        assert (len(data), data.features, data.classes) == (2, 2, 2)
        np.testing.assert_array_equal(data[1], np.float32(values[1]))
    np.testing.assert_array_equal(minnow.Dataset(X.astype(np.uint8), [0, 1], scale=0.5)[1], [64, 127.5])


def test_what_is_not_contiguous_is_the_same():
    X = np.arange(24, dtype=np.float32).reshape(4, 6)
    for view in (np.asfortranarray(X), X[::-1][::-1], np.repeat(X, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(minnow.Dataset(view, [0, 1, 0, 1])[2], X[2])


def test_arrays_are_read_where_they_are():
    for dtype in (np.float32, np.uint8):
        X = np.ones((4, 3), dtype)
        shared, copied = minnow.Dataset(X, [0, 1, 0, 1], **({"scale": 1.0} if dtype == np.uint8 else {})), minnow.Dataset(X, [0, 1, 0, 1], copy=True)
        before = copied[2][1]
        X[2, 1] = 5
        assert shared[2][1] == 5 and copied[2][1] == before
    X.flags.writeable = False
    minnow.Dataset(X, [0, 1, 0, 1]).hold_out(2)  # what moves samples does so in a copy
    assert X[2, 1] == 5


def test_an_array_lives_as_long_as_its_dataset():
    X = np.ones((4, 3), np.float32)
    gone = weakref.ref(X)
    data = minnow.Dataset(X, [0, 1, 0, 1])
    trainer = minnow.Trainer(minnow.Network((3, 2)), data, minnow.training.configure())
    del X, data
    gc.collect()
    assert gone() is not None
    trainer.epoch()
    del trainer
    gc.collect()
    assert gone() is None


def test_targets_are_kept():
    targets = np.array([[1.5, -2], [0, 3]])
    data = minnow.Dataset(np.eye(2), targets=targets)
    assert data.has_targets and data.classes == 2
    np.testing.assert_array_equal(data.targets, targets.astype(np.float32))
    assert minnow.Dataset(np.eye(2), targets=[1, 2]).classes == 1
    assert minnow.Dataset(np.eye(2), [0, 1]).targets is None


def test_weights_are_kept():
    np.testing.assert_array_equal(minnow.Dataset(np.eye(3), [0, 1, 1], weights=[0.5, 2, 0]).weights, [0.5, 2, 0])
    np.testing.assert_array_equal(minnow.Dataset(np.eye(2), [0, 1]).weights, [1, 1])


def test_images_are_known_as_such():
    assert minnow.Dataset(np.zeros((3, 4, 5), np.uint8), [0, 1, 2]).features == 20


@pytest.mark.parametrize(
    "X, arguments, message",
    [
        (np.eye(2), {}, "labels or targets"),
        (np.eye(2), {"labels": [0, 1], "targets": [0, 1]}, "labels or targets"),
        (np.eye(2), {"labels": [0]}, "expected (2,)"),
        (np.eye(2), {"labels": [0, -1]}, "expected 0 to 65535"),
        (np.eye(2), {"labels": [0.0, 1.0]}, "expected integers"),
        (np.eye(2), {"labels": [0, 2], "classes": 2}, "label 2 at item 1, expected 0 to 1"),
        (np.eye(2), {"labels": [0, 1], "classes": 2.5}, "classes is 2.5, expected a whole number"),
        (np.eye(2), {"labels": [0, 1], "classes": -1}, "classes is -1, expected a whole number"),
        (np.eye(2), {"targets": [0, 1], "classes": 2}, "classes is of labels"),
        (np.eye(2), {"labels": [0, 1], "scale": 2.0}, "uint8"),
        (np.array([[1, np.nan]]), {"labels": [0]}, "feature 1 of item 0 is nan"),
        (np.array([[1, 1e300]]), {"labels": [0]}, "feature 1 of item 0 is inf"),
        (np.array([["a", "b"]]), {"labels": [0]}, "expected numbers"),
        (np.array([[1j, 2]]), {"labels": [0]}, "complex"),
        (np.zeros(3), {"labels": [0]}, "1 dimensions"),
        (np.zeros((0, 3)), {"labels": []}, "at least one sample"),
        (np.eye(2), {"labels": [0, 1], "weights": [1]}, "weight"),
        (np.eye(2), {"labels": [0, 1], "weights": [1, -1]}, "weight"),
        (np.eye(2), {"targets": [[1], [np.inf]]}, "target 0 of item 1"),
        (np.eye(2), {"targets": [1, 2, 3]}, "expected 2 rows"),
    ],
)
def test_what_is_refused(X, arguments, message):
    with pytest.raises(ValueError) as problem:
        minnow.Dataset(X, **arguments)
    assert message in str(problem.value)
    assert "\n" not in str(problem.value)


def test_sparse_is_the_same_as_dense():
    sparse = pytest.importorskip("scipy.sparse")
    draw = np.random.default_rng(1)
    X = (draw.random((50, 30)) * (draw.random((50, 30)) < 0.2)).astype(np.float32)
    y = np.arange(50) % 3
    dense = minnow.train(minnow.Dataset(X, y), hidden=(8,), epochs=2, batch=16)
    for kind in (sparse.csr_matrix, sparse.csc_matrix, sparse.coo_array, sparse.csr_array):
        assert minnow.train(minnow.Dataset(kind(X), y), hidden=(8,), epochs=2, batch=16).params_crc32 == dense.params_crc32
        np.testing.assert_array_equal(dense.forward(kind(X)), dense.forward(X))
    twice = sparse.coo_array(([1.0, 2.0], ([0, 0], [3, 3])), shape=(1, 5))
    np.testing.assert_array_equal(minnow.Dataset(twice, [0])[0], [0, 0, 0, 3, 0])


def test_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        minnow.Dataset.open(tmp_path / "nothing-here")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"rubbish")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"rubbish")
    with pytest.raises(ValueError, match="idx[13]-ubyte"):
        minnow.Dataset.open(tmp_path)


def test_holding_out_moves_samples():
    data = minnow.Dataset.digits(count=100)
    held = data.hold_out(20, seed=2)
    assert len(held) + len(data) == 100 and 10 <= len(held) <= 20
    with pytest.raises(IndexError):
        data[100]
    assert "80" in repr(data) or str(len(data)) in repr(data)


def test_a_trainer_keeps_its_samples_where_they_are():
    from minnow.training import configure

    data, network = minnow.Dataset.digits(count=100), minnow.Network((784, 4, 10))
    trainer = minnow.Trainer(network, data, configure(epochs=2))
    with pytest.raises(ValueError, match="a Trainer trains on"):
        data.hold_out(20)
    trainer.epoch()
    trainer.close()
    with pytest.raises(ValueError):
        trainer.epoch()
    assert len(data.hold_out(20)) > 0
    minnow.train(data, network, epochs=1)
    assert len(data.hold_out(20)) > 0


def test_handles_are_not_copied():
    from minnow.training import configure

    data = minnow.Dataset.digits(count=20)
    trainer = minnow.Trainer(minnow.Network((784, 10)), data, configure())
    for handle in (data, trainer):
        for way in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="neither copied nor pickled"):
                way(handle)
