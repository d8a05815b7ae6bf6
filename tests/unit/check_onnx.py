#!/usr/bin/env python3
"""ONNX models that minnow writes: valid by onnx's own checker, and run by ONNX Runtime to minnow's own labels and, within
1e-5, its probabilities, on 10,000 images. Usage: check_onnx.py MINNOW MODEL_TOOL. Skipped (77) without the packages."""
import os
import subprocess
import sys
import tempfile

try:
    import numpy
    import onnx
    import onnxruntime
except ImportError as problem:
    print(f"skipped: {problem}; pip install onnx onnxruntime")
    sys.exit(77)

MINNOW, TOOL = (os.path.abspath(path) for path in sys.argv[1:3])
TOLERANCE = 1e-5


def run(program, *arguments):
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def predicted(model, features):
    """minnow's own probabilities."""
    features.tofile("features")
    run(TOOL, "predict", model, "features", "probabilities")
    return numpy.fromfile("probabilities", numpy.float32).reshape(len(features), -1)


def check_graph(model, activation, output, shape, scaled):
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 13)] and model.ir_version == 7
    operators = [node.op_type for node in model.graph.node]
    if activation is not None:
        layers = operators.count("Gemm")
        expected = ["Flatten"] + ([] if scaled else ["Mul"]) + ["Gemm", activation] * (layers - 1) + ["Gemm", output]
        assert operators == expected, operators
    (given,), (result,) = model.graph.input, model.graph.output
    dimensions = given.type.tensor_type.shape.dim
    assert dimensions[0].dim_param == "batch" and [d.dim_value for d in dimensions[1:]] == shape, dimensions
    assert result.name == "probabilities" and result.type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def check(name, pixels, activation, output, shape, scaling):
    features = (pixels * numpy.float32(scaling)).reshape(len(pixels), -1)
    ours = predicted(name, features)
    worst = 0.0
    for scaled in False, True:
        run(MINNOW, "convert", name, "model.onnx", *(["--scaled-input"] if scaled else []))
        check_graph(onnx.load("model.onnx"), activation, output, shape, scaled)
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        given = (features if scaled else pixels).reshape(-1, *shape)
        (theirs,) = session.run(None, {"input": given})
        assert theirs.shape == ours.shape and theirs.dtype == numpy.float32
        assert numpy.array_equal(theirs.argmax(1), ours.argmax(1)), f"{name}: labels differ"
        worst = max(worst, float(abs(theirs - ours).max()))
        (one,) = session.run(None, {"input": given[:1]})
        worst = max(worst, float(abs(one - ours[:1]).max()))
    assert worst <= TOLERANCE, f"{name}: probabilities differ by {worst}"
    return worst


def write_table(path, label):
    """Numbers and texts with gaps, rare values, and a column of so many values that they are hashed."""
    random = numpy.random.default_rng(1)
    with open(path, "w", encoding="utf-8") as file:
        file.write("length,colour,street,width,class\n")
        for row in range(3000):
            length, width, street = random.random() * 9, random.random(), random.integers(300)
            colour = ("red", "blue", "gr\u00fcn", "")[random.integers(4)] if row % 500 else f"rare {row}"
            gap = random.random() < 0.1
            answer = length + 5 * width + street % 7
            answer = ("low" if answer < 9 else "high") if label == "class" else round(answer, 4)
            file.write(f"{'' if gap else round(length, 3)},{colour},s{street},{round(width, 3)},{answer}\n")


def fnv1a(text):
    hashed = 2166136261
    for byte in text.encode():
        hashed = (hashed ^ byte) * 16777619 % 2**32
    return hashed


def feed(description, columns):
    """An input's columns, as its description lists them."""
    given = []
    for line in description.doc_string.split("\n")[1:]:
        name, _, modulo = line.split(": ", 1)[1].partition(", modulo ")
        column = columns[name]
        if description.name == "hashes":
            given.append([fnv1a(text) % int(modulo) if text else -1 for text in column])
        elif description.name == "texts":
            given.append(column)
        else:
            given.append([float(text) if text else numpy.nan for text in column])
    kind = {"hashes": numpy.int64, "texts": object}.get(description.name, numpy.float32)
    return numpy.array(given, kind).T.copy()


def check_table(label):
    """The columns as they are to minnow's own predictions."""
    write_table("table.csv", label)
    run(MINNOW, "train", "--data", "table.csv", "--label", "class", "--epochs", "2", "--save", "net", "--gaps", "none")
    run(MINNOW, "convert", "net", "model.onnx")
    model = onnx.load("model.onnx")
    onnx.checker.check_model(model, full_check=True)
    lines = [line.split(",") for line in open("table.csv", encoding="utf-8").read().split("\n")[:-1]]
    lines += [["nan", "", "", "", ""], ["3", "never", "new", "", ""]]  # and rows unlike those of training
    with open("rows.csv", "w", encoding="utf-8") as file:
        file.write("\n".join(",".join(line) for line in lines) + "\n")
    lines[-2][0] = ""
    columns = {name: [line[i] for line in lines[1:]] for i, name in enumerate(lines[0])}
    answers = run(MINNOW, "predict", "--model", "net", "--format", "csv", "rows.csv").stdout.split("\n")[1:-1]
    first = 2 if label == "class" else 1
    ours = numpy.array([[float(number) for number in answer.split(",")[first:]] for answer in answers])

    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    (theirs,) = session.run(None, {given.name: feed(given, columns) for given in model.graph.input})
    assert [given.name for given in model.graph.input] == ["numbers", "texts", "hashes"]
    assert theirs.shape == ours.shape, (theirs.shape, ours.shape)
    worst = float((abs(theirs - ours) / numpy.maximum(abs(ours), 1)).max())
    assert worst <= TOLERANCE, f"{label}: predictions differ by {worst}"
    return worst


def read_images(path):
    with open(path, "rb") as file:
        data = file.read()
    count, height, width = (int.from_bytes(data[i:i + 4], "big") for i in (4, 8, 12))
    return numpy.frombuffer(data, numpy.uint8, offset=16).astype(numpy.float32).reshape(count, height, width)


def main():
    run(MINNOW, "convert", "digits", "data")
    images, worst = read_images("data/t10k-images-idx3-ubyte"), 0.0
    assert len(images) == 10000
    train = (MINNOW, "train", "--data", "data", "--epochs", "1", "--save", "net")
    for hidden, activation, loss, operator, output in (("128,64", "relu", "softmax", "Relu", "Softmax"),
                                                       ("32", "tanh", "logistic", "Tanh", "Sigmoid"),
                                                       ("16,16", "sigmoid", "quadratic", "Sigmoid", "Sigmoid"),
                                                       ("none", None, "softmax", "Relu", "Softmax")):
        chosen = ["--activation", activation] if activation else []  # refused where no layer is hidden
        run(*train, "--hidden", hidden, *chosen, "--loss", loss)
        worst = max(worst, check("net", images, operator, output, [28, 28], 1 / 256))
    run(MINNOW, "train", "--data", "data", "--epochs", "1", "--hidden", "16", "--seeds", "3", "--ensemble", "--save", "ensemble")
    worst = max(worst, check("ensemble", images, None, None, [28, 28], 1 / 256))
    assert [node.op_type for node in onnx.load("model.onnx").graph.node].count("Mean") == 1
    # Every activation by itself, and all of them in one network.
    names = run(TOOL, "activations").stdout.split()
    for given in names + [",".join(names)]:
        run(TOOL, "mix", "mixed", given, "softmax", "784", *["24"] * max(2, given.count(",") + 1), "10")
        worst = max(worst, check("mixed", images[:1000], None, "Softmax", [784], 1 / 256))
    # Without input_shape, and with shapes that do not fit, the input is flat.
    run(TOOL, "make", "plain", "raw", "3", "784", "5", "2")
    check("plain", images[:100], "Relu", "Softmax", [784], 1 / 256)
    for text in "[28,29]", "[784.0]", "28", "[", "[0,784]", "[-28,-28]", "[4294967296,4294967296]", '["784"]', "[]":
        run(TOOL, "set", "plain", "odd", "input_shape", text)
        check("odd", images[:2], "Relu", "Softmax", [784], 1 / 256)
    run(TOOL, "set", "plain", "cube", "input_shape", "[2,14,28]")
    run(TOOL, "set", "cube", "cube", "input_scaling", "0.5")
    check("cube", images[:100], "Relu", "Softmax", [2, 14, 28], 0.5)
    worst = max(worst, check_table("class"), check_table("number"))
    print(f"4 networks on 10,000 images, and each of {len(names)} activations: the same labels, probabilities within {worst:.1e}")


with tempfile.TemporaryDirectory() as scratch:
    os.chdir(scratch)
    main()
