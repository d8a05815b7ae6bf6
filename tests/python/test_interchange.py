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


def onnx_file(path, nodes, given="x", result="y", constants=(), inputs=()):
    """A model of nodes (operator, inputs, output, attributes) with the weights W, [4][4]."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    def value(name):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4])

    made = [helper.make_node(kind, ins.split(), [out], **attributes) for kind, ins, out, attributes in nodes]
    tensors = [numpy_helper.from_array(array, name) for name, array in constants]
    graph = helper.make_graph(made, "g", [value(given), *map(value, inputs)], [value(result)], tensors)
    onnx.save(helper.make_model(graph), str(path))
    return path


LAYER, RELU = ("Gemm", "x W", "a", {}), ("Relu", "a", "b", {})


@pytest.mark.parametrize(
    "nodes, message",
    [
        ([LAYER, ("Gelu", "a", "b", {"approximate": "tanh"}), ("Gemm", "b W", "y", {})], "approximate='none'"),
        ([LAYER, RELU, ("Gemm", "a W", "y", {})], "no chain: Gemm takes a, expected b"),
        ([LAYER, RELU, ("Gemm", "x W", "y", {})], "no chain: Gemm takes x, expected b"),
        ([("Gemm", "x W", "y", {}), ("Relu", "y", "b", {})], "gives y, expected its last node's b"),
        ([("Gemm", "x W x", "y", {})], "biases are no constant"),
        ([("Gemm", "x W", "a", {}), ("Mul", "a a", "y", {})], "Mul"),
        ([("MatMul", "x W", "a", {}), ("Add", "a x", "y", {})], "Add"),
        ([("MatMul", "x W", "a", {}), ("Add", "x B", "y", {})], "no chain: Add takes x, expected a"),
        ([("Relu", "x", "a", {}), ("Gemm", "a W", "b", {}), ("Gemm", "b W", "y", {})], "Relu does not follow a layer"),
        ([LAYER, RELU, ("Tanh", "b", "c", {}), ("Gemm", "c W", "d", {}), ("Gemm", "d W", "y", {})], "Tanh does not follow"),
        ([LAYER, ("Cast", "a", "b", {"to": 6}), ("Gemm", "b W", "y", {})], "Cast"),
    ],
)
def test_what_is_no_chain(nodes, message, tmp_path):
    W = np.eye(4, dtype=np.float32)
    path = onnx_file(tmp_path / "g.onnx", nodes, constants=[("W", W), ("B", W[0])])
    with pytest.raises(ValueError, match=message):
        minnow.from_onnx(path)


def test_a_chain_of_other_names(tmp_path):
    W = np.random.default_rng(0).normal(size=(4, 4)).astype(np.float32)
    nodes = [
        ("Identity", "x", "i", {}), ("MatMul", "i W", "a", {}), ("Add", "B a", "s", {}), ("Gelu", "s", "g", {}),
        ("Gemm", "g W B", "h", {"transB": 1}), ("Identity", "h", "y", {}),
    ]  # fmt: skip
    network = minnow.from_onnx(onnx_file(tmp_path / "g.onnx", nodes, constants=[("W", W), ("B", W[0])]))
    assert network.activations == ("gelu",) and network.loss == "mse"
    np.testing.assert_array_equal(network.layer(0)[0], W)
    np.testing.assert_array_equal(network.layer(1)[0], W.T)
    for layer in (0, 1):
        np.testing.assert_array_equal(network.layer(layer)[1], W[0])
    with pytest.raises(ValueError, match="2 inputs, expected one"):
        minnow.from_onnx(onnx_file(tmp_path / "t.onnx", nodes, inputs=["z"], constants=[("W", W), ("B", W[0])]))
