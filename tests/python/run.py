#!/usr/bin/env python3
"""run.py LIBRARY PROGRAM: the tests of the Python package, against a build. Exit status 77 where they cannot run."""

import importlib.util
import os
import sys

for module in ("numpy", "pytest"):
    if importlib.util.find_spec(module) is None:
        print(f"skipped: {sys.executable} has no {module} (Debian: python3-{module})")
        sys.exit(77)

here = os.path.dirname(os.path.abspath(__file__))
os.environ["MINNOW_LIBRARY"], os.environ["MINNOW_PROGRAM"] = sys.argv[1:3]
package = os.path.join(os.path.dirname(os.path.dirname(here)), "src", "python")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
os.execv(sys.executable, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", here])
