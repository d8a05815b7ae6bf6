#!/usr/bin/env python3
"""Model files between minnow and the reference safetensors package: it loads what minnow writes, minnow loads what it
writes, and ten round trips change no byte. Usage: interchange.py MODEL_TOOL. Skipped (77) without the package."""
import os
import random
import subprocess
import sys
import tempfile
import zlib

try:
    import numpy
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file
except ImportError as problem:
    print(f"skipped: {problem}; pip install safetensors numpy")
    sys.exit(77)

TOOL = sys.argv[1]


def run(*arguments):
    return subprocess.run([TOOL, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def metadata_of(path):
    with safe_open(path, framework="numpy") as file:
        return file.metadata()


def parameters_of(tensors):
    """The bytes params_crc32 counts: weights [inputs][outputs] and biases, layer by layer."""
    layers = range(len(tensors) // 2)
    return b"".join(
        numpy.ascontiguousarray(tensors[f"layers.{i}.weight"].T).tobytes() + tensors[f"layers.{i}.bias"].tobytes()
        for i in layers)


def check_ours(folder, sizes, seed):
    path, raw = os.path.join(folder, "ours"), os.path.join(folder, "raw")
    crc32 = run("make", path, raw, seed, *sizes)
    tensors = load_file(path)
    expected = {}
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        expected[f"layers.{i}.weight"] = (outputs, inputs)
        expected[f"layers.{i}.bias"] = (outputs,)
    assert {name: tensor.shape for name, tensor in tensors.items()} == expected, tensors.keys()
    assert all(tensor.dtype == numpy.float32 for tensor in tensors.values())
    with open(raw, "rb") as file:
        assert parameters_of(tensors) == file.read()
    metadata = metadata_of(path)
    assert metadata["architecture"] == "-".join(map(str, sizes)), metadata
    assert metadata["params_crc32"] == crc32 == f"{zlib.crc32(parameters_of(tensors)):08x}", metadata
    return path


def check_theirs(folder, sizes, generator, template):
    tensors = {}
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        tensors[f"layers.{i}.weight"] = generator.standard_normal((outputs, inputs)).astype(numpy.float32)
        tensors[f"layers.{i}.bias"] = generator.standard_normal(outputs).astype(numpy.float32)
    crc32 = f"{zlib.crc32(parameters_of(tensors)):08x}"
    metadata = dict(template, architecture="-".join(map(str, sizes)), params_crc32=crc32)
    theirs, ours, again = (os.path.join(folder, name) for name in ("theirs", "copy", "again"))
    save_file(tensors, theirs, metadata)
    assert run("copy", theirs, ours) == crc32
    back = load_file(ours)
    assert back.keys() == tensors.keys()
    assert all(numpy.array_equal(back[name].view(numpy.uint32), tensors[name].view(numpy.uint32)) for name in tensors)
    run("copy", ours, again)
    with open(ours, "rb") as one, open(again, "rb") as other:
        assert one.read() == other.read(), "a round trip changed the file"


def check_foreign(folder, sizes, generator, naming, metadata):
    """A network as a PyTorch module's state_dict would name it; the package sorts the tensors as it likes."""
    tensors, own = {}, {}
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        own[f"layers.{i}.weight"] = generator.standard_normal((outputs, inputs)).astype(numpy.float32)
        own[f"layers.{i}.bias"] = generator.standard_normal(outputs).astype(numpy.float32)
        for part in ("weight", "bias"):
            tensors[naming(i) + part] = own[f"layers.{i}.{part}"]
    theirs, ours = os.path.join(folder, "theirs"), os.path.join(folder, "ours")
    save_file(tensors, theirs, metadata)
    crc32 = run("foreign", theirs, ours)
    assert crc32 == f"{zlib.crc32(parameters_of(own)):08x}", (sizes, list(tensors))
    # Without a hidden layer no activation applies.
    assert len(sizes) == 2 or metadata_of(ours)["activation"] == "tanh"
    assert metadata_of(ours)["loss"] == "softmax"
    refused = subprocess.run([TOOL, "copy", theirs, ours + "2"], stderr=subprocess.PIPE, text=True)
    assert refused.returncode == 1 and "activation and loss must be given" in refused.stderr, refused


def main():
    random.seed(1)
    generator = numpy.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        template = metadata_of(check_ours(folder, [784, 128, 64, 10], 1))
        for trial in range(10):
            sizes = [random.randint(1, 40) for _ in range(random.randint(2, 13))]
            check_ours(folder, sizes, trial)
            check_theirs(folder, sizes, generator, template)
            for naming in (lambda i: f"{2 * i}.", lambda i: f"fc{i + 1}.", lambda i: f"net.{3 * i}."):
                check_foreign(folder, sizes, generator, naming, [None, {"format": "pt"}][trial % 2])
        check_ours(folder, [784, 128, 64, 10], 1)
        metadata = dict(template, params_crc32="00000000")
        damaged = os.path.join(folder, "damaged")
        save_file(load_file(os.path.join(folder, "ours")), damaged, metadata)
        refused = subprocess.run([TOOL, "copy", damaged, damaged + "2"], stderr=subprocess.PIPE, text=True)
        assert refused.returncode == 1 and "damaged: " in refused.stderr, refused
    print("safetensors reads minnow's files, and minnow safetensors's; ten round trips")


main()
