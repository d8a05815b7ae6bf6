import io
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest

import minnow
from minnow import _library, _progress

PROGRAM = os.environ.get("MINNOW_PROGRAM")


def write_idx(folder, X, y):
    """MNIST's files of training, and the same samples to test on."""
    for subset in ("train", "t10k"):
        (folder / f"{subset}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, len(X), 28, 28) + X.tobytes())
        (folder / f"{subset}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, len(y)) + y.astype(np.uint8).tobytes())


WAYS = [
    {},
    {"optimizer": "adam", "batch": 32, "seed": 5},
    {"optimizer": "nesterov", "dropout": 0.3, "schedule": "cosine", "l2": 0.001, "activation": "tanh"},
    {"schedule": "plateau"},
    {"optimizer": "adamw", "ema": 0.9, "label_smoothing": 0.1, "mixup": 0.2, "clip_norm": 1.0},
    {"batch": 50, "sub_batches": 8, "optimizer": "adam"},
    {"batch": 50, "plan": "columns"},
    {"distort": True, "gentle_classes": (1, 7), "elastic_fields": 20},
    {"shift": 2.0, "rotate": 10.0, "stretch": 0.1, "shear": 0.2, "elastic_alpha": 8.0, "elastic_sigma": 3.0},
]


def words(way):
    """The options of the command line."""
    for name, value in way.items():
        yield "--" + name.replace("_", "-")
        if value is not True:
            yield ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("kind, names", [("SCHEDULE", _library.SCHEDULES), ("OPTIMIZER", _library.OPTIMIZERS), ("PLAN", _library.PLANS)])
def test_names_are_those_of_the_header(kind, names):
    header = pathlib.Path(__file__).parents[2] / "include" / "minnow" / "minnow.h"
    if not header.exists():
        pytest.skip("these tests are not beside minnow.h, whose names they compare")
    found = re.findall(rf"^ *MINNOW_{kind}_(\w+)\s*=\s*(\d+)", header.read_text(), re.MULTILINE)
    assert [(name.lower(), int(number)) for name, number in found] == [(name, i) for i, name in enumerate(names)]


@pytest.mark.skipif(not PROGRAM, reason="MINNOW_PROGRAM does not name the program to compare with")
@pytest.mark.parametrize("way", WAYS)
def test_the_bits_of_the_command_line(way, digits, tmp_path):
    X, y = digits
    pixels = np.round(X * 256).astype(np.uint8)
    write_idx(tmp_path, pixels, y)
    run = subprocess.run(
        [PROGRAM, "train", "--json", "--quiet", "--data", tmp_path, "--hidden", "24,12", "--epochs", "2", *words(way)],
        capture_output=True, text=True, check=True,
    )
    expected = json.loads(run.stdout.splitlines()[-1])["params_crc32"]
    for threads in (1, 2):
        data = minnow.Dataset(pixels.reshape(-1, 28, 28), y)
        assert minnow.train(data, hidden=(24, 12), epochs=2, threads=threads, **way).params_crc32 == expected
    data = minnow.Dataset.open(tmp_path)
    assert minnow.train(data, hidden=(24, 12), epochs=2, **way).params_crc32 == expected


@pytest.mark.skipif(not PROGRAM, reason="MINNOW_PROGRAM does not name the program to compare with")
def test_the_best_epoch_is_kept_as_by_the_command_line(digits, tmp_path):
    X, y = digits
    pixels = np.round(X * 256).astype(np.uint8)
    write_idx(tmp_path, pixels, y)
    way = {"optimizer": "adam", "lr": 0.1, "schedule": "constant", "epochs": 9, "validation": 120}
    found = {}
    for keep in ("best", "last"):
        run = subprocess.run(
            [PROGRAM, "train", "--json", "--quiet", "--data", tmp_path, "--hidden", "16", "--keep-epoch", keep, *words(way)],
            capture_output=True, text=True, check=True,
        )
        data = minnow.Dataset(pixels.reshape(-1, 28, 28), y)
        found[keep] = minnow.train(data, hidden=(16,), keep_epoch=keep, **way).params_crc32
        assert found[keep] == json.loads(run.stdout.splitlines()[-1])["params_crc32"]
    assert found["best"] != found["last"]


def test_the_best_epoch_is_kept(digits):
    for options in ({}, {"ema": 0.5}):
        data, held = minnow.Dataset(*digits), minnow.Dataset(digits[0], (digits[1] + 1) % 10)  # the longer, the worse
        rates = {"lr": 0.1, "schedule": "constant", **options}
        network = minnow.train(data, hidden=(8,), epochs=8, validation=held, **rates)
        best = max(network.history, key=lambda one: (one["validation_accuracy"], -one["validation_loss"]))
        assert best is not network.history[-1]
        assert network.evaluate(held)["loss"] == best["validation_loss"]
        last = minnow.train(data, hidden=(8,), epochs=8, validation=held, keep_epoch="last", **rates)
        assert last.evaluate(held)["loss"] == last.history[-1]["validation_loss"]
    with pytest.raises(ValueError, match="no effect without validation"):
        minnow.train(data, keep_epoch="best")


@pytest.mark.skipif("plateau" not in minnow._library.SCHEDULES, reason="this package has no schedule named plateau")
def test_the_rate_falls_where_the_validation_loss_does_not(digits):
    X, y = digits
    held = minnow.Dataset(X, (y + 1) % 10)  # the better the network, the worse
    options = {"schedule": "plateau", "plateau_patience": 1, "plateau_factor": 0.5, "validation": held}
    network = minnow.train(minnow.Dataset(X, y), hidden=(8,), lr=0.1, epochs=8, **options)
    rates = [record["learning_rate"] for record in network.history]
    assert rates[0] == pytest.approx(0.1) and rates[-1] < 0.051
    with pytest.raises(ValueError, match="without effect unless schedule is 'plateau'"):
        minnow.train(minnow.Dataset(X, y), plateau_factor=0.5)


def run(seed=1):
    return minnow.train(minnow.Dataset.digits(count=800), hidden=(16,), epochs=2, seed=seed).params_crc32


def test_two_threads_at_once_do_not_meet():
    expected = [run(seed) for seed in (1, 2)]
    found = [None, None]

    def work(index):
        found[index] = [run(index + 1) for _ in range(3)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[expected[0]] * 3, [expected[1]] * 3]


def test_one_network_predicts_in_many_threads(digits):
    X, _ = digits
    network = minnow.Network((784, 32, 10))
    expected, wrong = network.forward(X), []

    def work():
        for _ in range(20):
            if not np.array_equal(network.forward(X), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_same_bits_after_fork():
    expected = run()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, run().encode())
        finally:
            os._exit(0)
    os.close(writer)
    assert os.read(reader, 100).decode() == expected
    os.waitpid(child, 0)


def test_history_validation_and_callbacks(digits):
    data = minnow.Dataset(*digits)
    seen = []
    network = minnow.train(data, hidden=(16,), epochs=5, validation=100,
                           callbacks=[lambda network, record: seen.append(record) or len(seen) == 3])
    assert network.history == seen and len(seen) == 3
    assert set(seen[0]) == {"epoch", "loss", "accuracy", "learning_rate", "seconds", "validation_loss", "validation_accuracy"}
    assert seen[2]["loss"] < seen[0]["loss"]
    held = minnow.Dataset(*digits)
    assert minnow.train(minnow.Dataset(*digits), network, epochs=1, validation=held) is network
    assert len(network.history) == 4


@pytest.mark.parametrize(
    "options, message",
    [
        ({"optimizer": "lion"}, "'lion', expected one of sgd"),
        ({"schedule": "none"}, "'none'"),
        ({"plan": "rows"}, "'rows', expected one of auto, model, samples, columns"),
        ({"sub_batches": 0}, "sub-batches"),
        ({"batch": 8, "sub_batches": 9}, "sub-batches"),
        ({"lr": -1}, "learning rate"),
        ({"batch": 0}, "batch 0"),
        ({"batch": 1.5}, "expected a whole number"),
        ({"seed": -1}, "expected a whole number"),
        ({"seed": None}, "seed is None, expected a whole number"),
        ({"epochs": float("inf")}, "epochs is inf, expected a whole number"),
        ({"seed": 2**64 + 1}, "expected a whole number"),
        ({"keep_epoch": "first"}, "'first', expected one of best, last"),
        ({"epochs": 0}, "0 epochs"),
        ({"dropout": (0.5, 0.4, 0.3)}, "dropout"),
        ({"loss": "mse"}, "numbers to predict"),
        ({"ema": 2}, "ema"),
        ({"rotate": 200}, "rotation"),
        ({"distort": True}, "image"),
        ({"elastic_sigma": 3}, "without effect unless elastic_alpha"),
        ({"gentle_classes": [1]}, "without effect unless rotate or shear"),
        ({"rotate": 5, "gentle_classes": [64]}, "classes from 0 to 63"),
        ({"rotate": 5, "gentle_classes": [10]}, "classes below 10"),
    ],
)
def test_what_is_refused(options, message, digits):
    with pytest.raises(ValueError, match=message):
        minnow.train(minnow.Dataset(*digits), hidden=(8,), **options)


def test_a_network_that_is_given_stays_as_it_is(digits):
    data, network = minnow.Dataset(*digits), minnow.Network((784, 8, 10))
    for name, value in {"hidden": (16,), "activation": "tanh", "loss": "softmax", "init": "he", "isa": "scalar"}.items():
        with pytest.raises(ValueError, match=f"{name} has no effect on the network that is given"):
            minnow.train(data, network, epochs=1, **{name: value})
    assert minnow.train(data, network, epochs=1) is network


def test_what_is_no_option(digits):
    with pytest.raises(TypeError, match="momentun"):
        minnow.train(minnow.Dataset(*digits), momentun=0.9)
    with pytest.raises(TypeError, match="Dataset"):
        minnow.train(digits[0])
    for name in ("lr", "rotate", "l2"):
        with pytest.raises(TypeError, match=f"{name} is '5', expected a number"):
            minnow.train(minnow.Dataset(*digits), **{name: "5"})
    with pytest.raises(TypeError, match="gentle_classes is '1,7', expected numbers"):
        minnow.train(minnow.Dataset(*digits), rotate=5, gentle_classes="1,7")


def test_divergence_has_its_own_error(digits):
    with pytest.raises(minnow.DivergedError, match="diverged in epoch 1"):
        minnow.train(minnow.Dataset(*digits), hidden=(8,), lr=1e20)


def test_numbers_are_predicted():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(400, 3))
    targets = X @ [1.0, -2.0, 0.5] + 3
    network = minnow.train(minnow.Dataset(X, targets=targets), hidden=(16,), optimizer="adam", lr=0.01, epochs=60)
    assert network.loss == "mse"
    assert np.abs(network.predict(X)[:, 0] - targets).mean() < 0.2


def test_a_bar_is_drawn_in_one_line():
    stream = io.StringIO()
    bar = _progress.ProgressBar(4, 100, stream)
    bar.update(1, 50, {"loss": 2.0}, force=True)
    bar.update(4, 100, {"loss": 0.5}, force=True)
    bar.close()
    drawn = stream.getvalue()
    assert drawn.count("\r") == 2 and drawn.endswith("\n")
    assert "epoch 4/4" in drawn and "100 %" in drawn and "loss 0.5" in drawn


def test_nothing_is_drawn_where_nobody_looks():
    code = "import minnow; minnow.train(minnow.Dataset.digits(count=50), hidden=(4,), epochs=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "" and done.stderr == ""


def test_importing_needs_numpy_alone():
    code = "import minnow, sys; print([m for m in ('sklearn', 'scipy', 'pandas', 'torch', 'IPython') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_ctrl_c_is_heard():
    code = (
        "import minnow, signal, os, threading, sys\n"
        # A shell that starts the tests in the background has them ignore it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try: minnow.train(minnow.Dataset.digits(count=2000), epochs=1000000)\n"
        "except KeyboardInterrupt: print('heard')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout == "heard\n", done.stderr


def test_a_daemon_thread_may_train_to_the_end_of_the_program():
    code = (
        "import minnow, threading, time\n"
        "data = minnow.Dataset.digits(count=3000)\n"
        "def work(): minnow.train(data, hidden=(512, 512), epochs=1000, progress=False)\n"
        "threading.Thread(target=work, daemon=True).start()\n"
        "time.sleep(1)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_refused_run_moves_no_samples(digits):
    data = minnow.Dataset(*digits)
    wrong = [
        {"optimizer": "lion"}, {"lr": -1}, {"dropout": (0.5, 0.4, 0.3)}, {"hidden": (0,)}, {"activation": "sin"},
        {"epochs": 0}, {"validation": 600}, {"validation": -5}, {"validation": -0.1}, {"validation": float("nan")},
        {"network": minnow.Network((3, 2))},
    ]  # fmt: skip
    for options in wrong:
        with pytest.raises(ValueError):
            minnow.train(data, **{"hidden": (8,), "validation": 0.2, **options})
    for options in ({"momentun": 0.9}, {"validation": "a fifth"}):
        with pytest.raises(TypeError):
            minnow.train(data, **{"validation": 0.2, **options})
    with pytest.raises(ValueError, match="features"):
        minnow.train(data, validation=minnow.Dataset(np.eye(3), [0, 1, 1]))
    assert len(data) == 600
