"""README's blocks of Python about this package, each run as a reader would: in a folder of their own."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

README = pathlib.Path(os.environ.get("MINNOW_README") or pathlib.Path(__file__).parents[2] / "README.md")


def blocks():
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    return [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "minnow" in block.split("\n\n")[0]]


@pytest.mark.skipif(not README.exists(), reason="README.md is not here; MINNOW_README may name it")
def test_the_examples_run(tmp_path):
    assert len(blocks()) >= 2
    for block in blocks():
        done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, block + done.stdout + done.stderr
