"""scikit-learn's own tests of its MLP, run against minnow's estimators by exchanging the classes."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

sklearn = pytest.importorskip("sklearn")

HERE = pathlib.Path(__file__).parent
THEIRS = pathlib.Path(sklearn.__file__).parent / "neural_network" / "tests" / "test_mlp.py"
# The version whose tests the list of those that differ is of.
VERSION = "1.9."


def differing():
    rows = (HERE / "mlp_tests_that_differ.tsv").read_text(encoding="utf-8").splitlines()
    return dict(row.split("\t") for row in rows if not row.startswith("#"))


@pytest.mark.skipif(not THEIRS.exists(), reason="this scikit-learn came without its tests")
def test_the_tests_of_scikit_learns_mlp(tmp_path):
    if not sklearn.__version__.startswith(VERSION):
        pytest.skip(f"scikit-learn {sklearn.__version__}, but the list is of {VERSION}x")
    source, exchanged = re.subn(
        r"^from sklearn.neural_network import MLPClassifier, MLPRegressor$",
        "from minnow import MLPClassifier, MLPRegressor",
        THEIRS.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    assert exchanged == 1
    (tmp_path / "test_exchanged.py").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=line", "-p", "no:cacheprovider", "test_exchanged.py"],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    found = {}
    for outcome, name in re.findall(r"^(PASSED|FAILED|ERROR) test_exchanged.py::(\w+)", done.stdout, re.MULTILINE):
        found.setdefault(outcome == "PASSED", set()).add(name)
    assert len(found.get(True, ())) > 35, done.stdout + done.stderr
    assert found.get(False, set()) == set(differing()), done.stdout
