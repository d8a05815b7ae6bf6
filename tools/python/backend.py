"""Builds the Python package as a wheel: PEP 517's functions, for pip, and a command, for tools/wheel.

Nothing but the standard library, Meson, Ninja and a C compiler is used. The library is built without what reads zip
archives and pictures, which the package does not offer, and so needs libdeflate and jansson alone.

    python3 tools/python/backend.py FOLDER --tag TAG [--library FILE]... [--licence FILE]...
"""

import argparse
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGE = os.path.join(ROOT, "src", "python", "minnow")
# The same wheel for the same sources: its files have this date.
DATE = (2026, 1, 1, 0, 0, 0)

OPTIONS = ["-Dprogram=disabled", "-Dtests=disabled", "-Dpython=disabled", "-Darchive=disabled", "-Dpng=disabled"]
OPTIONS += ["-Djpeg=disabled", "-Ddefault_library=shared", "-Dbuildtype=release"]


def version() -> str:
    """The project's, which meson.build says."""
    with open(os.path.join(ROOT, "meson.build"), encoding="utf-8") as file:
        return re.search(r"version: '([^']+)'", file.read()).group(1)


def compile_library(folder: str) -> str:
    """Builds libminnow in a folder, and returns the path of the file, stripped."""
    build = os.path.join(folder, "build")
    if not os.path.exists(os.path.join(build, "build.ninja")):
        subprocess.run(["meson", "setup", build, ROOT, *OPTIONS], check=True, stdout=sys.stderr)
    subprocess.run(["meson", "compile", "-C", build], check=True, stdout=sys.stderr)
    library = os.path.join(folder, "libminnow.so")
    shutil.copyfile(os.path.join(build, "libminnow.so." + version()), library)
    if shutil.which("strip"):
        subprocess.run(["strip", "--strip-unneeded", library], check=True)
    return library


def metadata() -> str:
    """The METADATA file: what pyproject.toml says, and README.md."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    head = [
        "Metadata-Version: 2.1",
        "Name: minnow",
        f"Version: {version()}",
        "Summary: Multilayer perceptrons on CPUs: fast, and the same bits everywhere; scikit-learn's manners",
        "License: MIT",
        "Requires-Python: >=3.9",
        "Requires-Dist: numpy>=1.21",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(head) + "\n\n" + readme


def wheel_text(tag: str) -> str:
    """The WHEEL file."""
    return f"Wheel-Version: 1.0\nGenerator: minnow\nRoot-Is-Purelib: false\nTag: {tag}\n"


def own_tag() -> str:
    """Of a wheel for this machine alone."""
    return "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


def package_files():
    """(name in the wheel, path) of the package's sources."""
    for folder, folders, names in os.walk(PACKAGE):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            if name.endswith(".py") or name == "py.typed":
                path = os.path.join(folder, name)
                yield os.path.join("minnow", os.path.relpath(path, PACKAGE)), path


class Wheel:
    """A wheel that is being written, and its RECORD."""

    def __init__(self, path: str):
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        self._record = []

    def add(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, DATE)
        info.external_attr = (0o755 if ".so" in name else 0o644) << 16
        info.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self._record.append(f"{name},sha256={digest},{len(data)}")

    def close(self, folder: str) -> None:
        name = f"{folder}/RECORD"
        self.add(name, "\n".join([*self._record, f"{name},,", ""]).encode())
        self._zip.close()


def read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def write_wheel(folder: str, tag: str, libraries, licences=()) -> str:
    """Writes minnow-VERSION-TAG.whl of the package's sources and these files beside them; returns its name."""
    name = f"minnow-{version()}-{tag}.whl"
    info = f"minnow-{version()}.dist-info"
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    wheel = Wheel(path + ".new")
    for inside, source in package_files():
        wheel.add(inside, read(source))
    for library in libraries:
        wheel.add("minnow/" + os.path.basename(library), read(library))
    wheel.add(f"{info}/METADATA", metadata().encode())
    wheel.add(f"{info}/WHEEL", wheel_text(tag).encode())
    for licence in [os.path.join(ROOT, "LICENSE"), *licences]:
        wheel.add(f"{info}/{os.path.basename(licence)}", read(licence))
    wheel.close(info)
    os.replace(path + ".new", path)
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """PEP 517: for this machine alone, as its library asks for this machine's OpenMP."""
    with tempfile.TemporaryDirectory(prefix="minnow-wheel-") as folder:
        return write_wheel(wheel_directory, own_tag(), [compile_library(folder)])


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """PEP 517: what the wheel will say of itself. Without it, pip builds the wheel twice, once to look into it."""
    info = f"minnow-{version()}.dist-info"
    folder = os.path.join(metadata_directory, info)
    os.makedirs(folder, exist_ok=True)
    for name, text in (("METADATA", metadata()), ("WHEEL", wheel_text(own_tag()))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return info


def build_sdist(sdist_directory, config_settings=None):
    """PEP 517: what is committed."""
    name = f"minnow-{version()}"
    path = os.path.join(sdist_directory, name + ".tar.gz")
    subprocess.run(
        ["git", "-C", ROOT, "archive", "--format=tar.gz", f"--prefix={name}/", "-o", os.path.abspath(path), "HEAD"],
        check=True,
    )
    return os.path.basename(path)


def get_requires_for_build_wheel(config_settings=None):
    """Meson and Ninja, where the machine does not have them, or where they do not run here.

    Debian's meson is a script of the system's Python, which does not find its module where pip builds in isolation.
    """
    return [name for name in ("meson", "ninja") if not runs(name)]


def runs(program: str) -> bool:
    """Whether a program is there and tells its version."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes a wheel of the package and of files beside it.")
    parser.add_argument("folder")
    parser.add_argument("--tag", required=True)
    parser.add_argument("--library", action="append", default=[])
    parser.add_argument("--licence", action="append", default=[])
    given = parser.parse_args()
    print(os.path.join(given.folder, write_wheel(given.folder, given.tag, given.library, given.licence)))


if __name__ == "__main__":
    main()
