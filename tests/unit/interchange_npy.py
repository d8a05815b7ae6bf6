#!/usr/bin/env python3
"""Arrays between minnow and NumPy: np.load reads what `minnow convert --to npy` writes, and minnow reads what np.save and
write_array write, in each version, order and type. Usage: interchange_npy.py MINNOW. Skipped (77) without NumPy."""
import os
import subprocess
import sys
import tempfile

try:
    import numpy
    from numpy.lib import format as npy
except ImportError as problem:
    print(f"skipped: {problem}; pip install numpy")
    sys.exit(77)

MINNOW = os.path.abspath(sys.argv[1])


def convert(*arguments):
    return subprocess.run([MINNOW, "convert", *arguments], stderr=subprocess.PIPE, text=True)


def write(folder, arrays, version, order, dtype):
    os.makedirs(folder, exist_ok=True)
    for name, array in arrays.items():
        with open(f"{folder}/{name}.npy", "wb") as file:
            npy.write_array(file, numpy.asarray(array, dtype=dtype, order=order), version=version)


def main():
    generator = numpy.random.default_rng(1)
    arrays = {"layers.0.weight": generator.standard_normal((20, 7)), "layers.0.bias": generator.standard_normal(20),
              "layers.1.weight": generator.standard_normal((3, 20)), "layers.1.bias": generator.standard_normal(3)}
    form, checked = ("--activation", "relu", "--loss", "softmax"), 0
    for version in (1, 0), (2, 0), (3, 0):
        for order in "CF":
            for dtype in "<f4", ">f4", "<f8", ">f8":
                write("theirs", arrays, version, order, dtype)
                assert convert("theirs", "net.safetensors", *form).returncode == 0
                assert convert("net.safetensors", "ours", "--to", "npy").returncode == 0
                for name, array in arrays.items():
                    found = numpy.load(f"ours/{name}.npy", allow_pickle=False)
                    assert found.dtype == numpy.float32 and numpy.array_equal(found, array.astype(numpy.float32)), name
                    checked += 1
    write("theirs", arrays, (1, 0), "C", "<f4")
    for dtype in object, numpy.int32, numpy.float16, numpy.dtype([("x", "<f4")]):
        numpy.save("theirs/layers.1.bias.npy", numpy.zeros(3, dtype), allow_pickle=True)
        refused = convert("theirs", "none", "--to", "safetensors", *form)
        assert refused.returncode == 3 and "layers.1.bias.npy" in refused.stderr and not os.path.exists("none"), refused
    assert "Python objects" in (numpy.save("theirs/layers.1.bias.npy", numpy.zeros(3, object), allow_pickle=True)
                                or convert("theirs", "none", "--to", "safetensors", *form).stderr)
    print(f"{checked} arrays there and back, 5 refused")


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    main()
