import subprocess
import sys

import numpy as np
import pytest

import minnow


@pytest.fixture
def network():
    return minnow.Network((5, 8, 6, 3), activation=("gelu", "tanh"), seed=4)


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)


def state(network):
    """As PyTorch names them, of arrays."""
    result = {}
    for index, (weights, biases) in enumerate(network.layers):
        result[f"net.{2 * index}.weight"], result[f"net.{2 * index}.bias"] = weights.T, biases
    return result


def test_state_dicts_of_arrays(network, X):
    again = minnow.from_torch(state(network), activation=("gelu", "tanh"))
    np.testing.assert_array_equal(again.forward(X), network.forward(X))
    with_more = {**state(network), "norm.running_mean": np.zeros(3)}
    with pytest.raises(ValueError, match="norm.running_mean"):
        minnow.from_torch(with_more)
    short = state(network)
    del short["net.2.weight"], short["net.2.bias"]
    with pytest.raises(ValueError, match="net.4.weight takes 6 inputs, but 8 come before it"):
        minnow.from_torch(short)
    with pytest.raises(ValueError, match="no linear layer"):
        minnow.from_torch({})


def test_modules_there_and_back(network, X):
    torch = pytest.importorskip("torch")
    module = minnow.to_torch(network)
    with torch.no_grad():
        expected = torch.softmax(module(torch.from_numpy(X)), 1).numpy()
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-5, atol=1e-6)
    again = minnow.from_torch(module)
    assert again.activations == ("gelu", "tanh") and again.params_crc32 == network.params_crc32
    for wrong, message in ((torch.nn.Conv2d(1, 1, 3), "Conv2d"), (torch.nn.LeakyReLU(0.3), "slope of 0.3")):
        with pytest.raises(ValueError, match=message):
            minnow.from_torch(torch.nn.Sequential(torch.nn.Linear(5, 3), wrong, torch.nn.Linear(3, 2)))
    with pytest.raises(ValueError, match="follows the last layer"):
        minnow.from_torch(torch.nn.Sequential(torch.nn.Linear(5, 3), torch.nn.ReLU()))
    with pytest.raises(ValueError, match="scaled_tanh"):
        minnow.to_torch(minnow.Network((3, 3, 2), activation="scaled_tanh"))


def test_both_runtimes_of_openmp_in_one_process():
    pytest.importorskip("torch")
    code = (
        "import {0}\nimport {1}\nimport torch, minnow\n"
        "def run(): return minnow.train(minnow.Dataset.digits(count=300), hidden=(16,), epochs=1, threads=2).params_crc32\n"
        "a = torch.rand(300, 300)\n"
        "first = run(); (a @ a).sum(); assert run() == first; print(first)"
    )
    found = {
        subprocess.run([sys.executable, "-c", code.format(*order)], capture_output=True, text=True, check=True).stdout
        for order in (("torch", "minnow"), ("minnow", "torch"))
    }
    assert len(found) == 1


@pytest.mark.parametrize("loss", ["softmax", "logistic", "mse"])
def test_onnx_there_and_back(loss, X, tmp_path):
    pytest.importorskip("onnx")
    network = minnow.Network((5, 8, 6, 3), activation=("relu", "tanh"), loss=loss, seed=4)
    network.save(tmp_path / "n.onnx")
    again = minnow.from_onnx(tmp_path / "n.onnx")
    assert again.loss == loss and again.activations == ("relu", "tanh")
    assert again.params_crc32 == network.params_crc32
    np.testing.assert_array_equal(again.forward(X), network.forward(X))
    network.save(tmp_path / "pixels.onnx", scaled_input=False)
    assert minnow.from_onnx(tmp_path / "pixels.onnx").metadata["input_scaling"] == "0.00390625"
    with pytest.raises(FileNotFoundError):
        minnow.from_onnx(tmp_path / "none.onnx")
