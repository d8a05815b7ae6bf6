"""Contestants: processes that stay warm, wait blocked on a pipe, and train one epoch when asked."""
import json
import os
import re
import shutil
import statistics
import subprocess

from job import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON_PEERS = {  # what people call it, how they install it
    "torch": ("PyTorch", "torch"),
    "jax": ("JAX", "'jax[cpu]'"),
    "sklearn": ("scikit-learn", "scikit-learn threadpoolctl"),
    "numpy": ("numpy", "numpy scipy threadpoolctl"),
}
NATIVE_PEERS = {  # what people call it, how its contestant is compiled, and what it links beside pkg-config's libraries
    "fann": ("FANN", ["-O2"], []),
    "libxsmm": ("LIBXSMM", ["-O3", "-march=native", "-fopenmp"], ["-lxsmmnoblas"]),
}
ONLINE_PEERS = ("numpy", "fann")  # those that can do the original program's job sensibly
ADAPTIVE_PEERS = ("torch", "jax", "sklearn")  # those with an AdamW, or what is nearest to it
DROPOUT_PEERS = ("torch", "jax")


def environment(threads):
    """The caller's, with the threads set for every library there is, and nothing that slows a peer's BLAS."""
    result = {name: value for name, value in os.environ.items()
              if not re.match(r"OPENBLAS|OMP_|GOMP_|KMP_|MKL_|XLA_|JAX_|TORCH|LIBXSMM", name)}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"):
        result[name] = str(threads)  # NPROC: XLA's
    return result


class Kind:
    """A contestant that can be started: its name, its command, and for minnow whether zeros are skipped."""

    def __init__(self, key, name, command, version, sparse="auto"):
        self.key, self.name, self.command, self.version, self.sparse = key, name, command, version, sparse

    def takes(self, job):
        if self.key == "minnow":
            return True
        if job.dropout and self.key not in DROPOUT_PEERS or job.optimizer == "adamw" and self.key not in ADAPTIVE_PEERS:
            return False
        return self.key in ONLINE_PEERS if job.batch == 1 else self.key != "fann"


class Contestant:
    """A started one."""

    def __init__(self, kind, job, folder, log):
        self.kind, self.job, self.seconds, self.cpu, self.idle_cpu, self.accuracies = kind, job, [], [], 0.0, []
        self.process = subprocess.Popen(kind.command + job.arguments(folder, kind.sparse), text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                        env=environment(job.threads))
        self.info = {}
        self.info = self.ask("hello")

    def ask(self, command):
        try:
            self.process.stdin.write(command + "\n")
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Failure(f"{self.kind.name} stopped at '{command.split()[0]}' (exit status {self.process.wait()})")
        return json.loads(line)

    @property
    def accuracy(self):
        """Mean over the rounds' ends, since one epoch's end tells little."""
        return statistics.mean(self.accuracies)

    def cpu_seconds(self):
        """Used so far by all its threads."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        try:
            self.process.stdin.close()  # which ends it
        except BrokenPipeError:
            pass  # it has ended already
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def compile_native(name, folder, flags, libraries):
    program = os.path.join(folder, "peer_" + name)
    source = os.path.join(HERE, f"peer_{name}.c")
    command = [os.environ.get("CC", "cc"), "-std=gnu11", *flags, source, "-o", program, *libraries]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Failure(f"{source} does not compile: {result.stderr.strip().splitlines()[0]}")
    return program


def find_minnow(build, folder):
    """minnow of a build folder, as itself and with --sparse off; and the program."""
    root = os.path.dirname(os.path.dirname(HERE))
    program, library = os.path.join(build, "src", "cli", "minnow"), os.path.join(build, "libminnow.so")
    for path in (program, library):
        if not os.path.exists(path):
            raise Failure(f"{path}: not there; build minnow (meson setup build && meson compile -C build), or name "
                          "its build folder with --build")
    build = os.path.abspath(build)
    worker = compile_native("minnow", folder, ["-O2", "-I" + os.path.join(root, "include")],
                            ["-L" + build, "-lminnow", "-Wl,-rpath," + build])
    return program, [Kind("minnow", "minnow", [worker], ""),
                     Kind("minnow", "minnow --sparse off", [worker], "", sparse="off")]


def find_python_peer(key, python):
    """The peer in that Python, or the reason why not."""
    name, packages = PYTHON_PEERS[key]
    command = [python, os.path.join(HERE, "worker.py"), key]
    try:
        probe = subprocess.run(command + ["--probe"], capture_output=True, text=True, check=False, env=environment(1))
    except OSError as error:
        raise Failure(f"{python}: {error.strerror}; name a Python with --python") from error
    if probe.returncode == 0:
        return Kind(key, name, command, json.loads(probe.stdout.splitlines()[-1])["version"]), None
    reason = (probe.stderr.strip().splitlines() or ["no reason given"])[-1]
    if "ModuleNotFoundError" in reason:
        reason = "not installed"
    return None, f"{name}: {reason}. To compare with it: {python} -m pip install {packages}"


def pkg_config(*arguments):
    """What pkg-config says, or None."""
    if shutil.which("pkg-config") is None:
        return None
    result = subprocess.run(["pkg-config", *arguments], capture_output=True, text=True, check=False)
    return result.stdout.strip() if result.returncode == 0 else None


def find_native_peer(key, folder):
    """FANN or LIBXSMM, compiled against Debian's package, or the reason why not."""
    name, flags, more = NATIVE_PEERS[key]
    version = pkg_config("--modversion", key)
    if version is None:
        return None, f"{name}: not installed. To compare with it: apt-get install lib{key}-dev pkg-config"
    libraries = pkg_config("--static", "--libs", key).split() + more
    program = compile_native(key, folder, [*flags, f'-DPEER_VERSION="{version}"'], libraries)
    return Kind(key, name, [program], version), None
