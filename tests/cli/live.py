#!/usr/bin/env python3
"""minnow train --serve as a page and other programs use it: live.py MINNOW

Needs nothing but Python; exits with 77 where this minnow was built without libmicrohttpd.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from listening import Listening, check, main, minnow, run, sanitized, taken_port

LONG = ["--data", "digits", "--hidden", "16", "--epochs", "1000000"]  # until it is stopped


class Training(Listening):
    """A run with its server."""

    def __init__(self, *options):
        # Files, as a pipe that nobody reads from holds the run when it is full.
        self.out, self.messages = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([minnow, "train", "--serve", "--port", "0", "--json", *options],
                                        stdout=self.out, stderr=self.messages, text=True)
        while "\n" not in self.read(self.out) and self.process.poll() is None:
            time.sleep(0.02)
        self.port = json.loads(self.read(self.out).splitlines()[0])["port"]

    @staticmethod
    def read(file):
        return os.pread(file.fileno(), 1 << 24, 0).decode()

    def __exit__(self, *ending):
        super().__exit__(*ending)
        self.out.close()
        self.messages.close()

    def ask(self, *request, **more):
        answer, content = super().ask(*request, **more)
        return answer.status, content

    def state(self, query=""):
        return json.loads(self.ask("GET", "/state" + query)[1])

    def control(self, expected=200, headers=None, **action):
        status, content = self.ask("POST", "/control", json.dumps(action), {"Content-Type": "application/json"} if headers is None else headers)
        check(status == expected, f"{action} {headers}: {status} {content}")

    def wait(self, what, holds):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            state = self.state()
            if holds(state):
                return state
            time.sleep(0.02)
        check(False, f"{what}: never, {str(state)[:300]}")
        return state

    def end(self):
        status = self.process.wait(timeout=120)
        return status, json.loads(self.read(self.out).splitlines()[-1]), self.read(self.messages)


def check_controls(folder):
    model = os.path.join(folder, "stopped.safetensors")
    with Training(*LONG, "--validation", "100", "--save", model) as training:
        first = training.wait("points", lambda s: len(s["points"]) > 1 and s["epochs"])
        check(first["epochs"][0][0] == 1 and first["epochs"][0][4] is not None, f"an epoch's line: {first['epochs'][:1]}")
        check(first["tiles"]["count"] == 16 and first["tiles"]["height"] == 28, "pictures of weights")
        more = training.wait("more points", lambda s: len(s["points"]) > len(first["points"]) or s["generation"])
        known = f"?generation={more['generation']}&points=1&epochs=1&tiles={more['tiles']['version']}"
        part = training.state(known)
        check(part["generation"] != more["generation"] or part["from"] == [1, 1], f"only what is new: {part['from']}")

        training.control(action="pause")
        step = training.wait("paused", lambda s: s["paused"])["step"]
        time.sleep(0.6)
        check(training.state()["step"] == step, "a run that is held does nothing")
        training.control(action="step", of="batch")
        stepped = training.wait("one step", lambda s: s["step"] > step and s["paused"])
        check(stepped["step"] == step + 1, f"one mini-batch: {step}, {stepped['step']}")
        training.control(action="step", of="epoch")
        ended = training.wait("an epoch", lambda s: s["step"] > step + 1 and s["paused"])
        check(ended["epoch_done"], "to the end of the epoch")
        training.control(action="step", of="epoch")
        following = training.wait("another epoch", lambda s: s["epoch"] > ended["epoch"] and s["paused"])
        check(following["epoch"] == ended["epoch"] + 1 and following["epoch_done"], "and of the next one")

        rate = following["base_rate"]
        training.control(action="rate", factor=0.5)
        changed = training.wait("the rate", lambda s: s["rate_changes"] == 1)
        check(changed["base_rate"] == rate / 2, f"half the rate: {rate}, {changed['base_rate']}")
        training.control(action="resume")
        later = training.wait("to go on", lambda s: s["step"] > following["step"] + 1 and not s["paused"])
        check(0.4 < later["rate"] / following["rate"] < 0.6, f"trained with it: {following['rate']}, {later['rate']}")
        check_wrong(training)
        training.control(action="stop")
        status, last, messages = training.end()
        check(status == 130 and last["event"] == "interrupted", f"stopped as by Ctrl-C: {status} {last}")
        check(last["rate_changes"] == [[following["step"], rate / 2]], f"what was done by hand: {last.get('rate_changes')}")
        check("by hand" in messages and "saved: " in messages, messages)
    metadata = json.loads(run("inspect", model, "--json").stdout.splitlines()[0])["metadata"]
    check(json.loads(metadata["rate_changes"]) == last["rate_changes"], f"in the model: {metadata.get('rate_changes')}")
    like = run("train", "--data", "digits", "--like", model, "--epochs", "1", "--save", model)
    check(like.returncode == 0 and "was changed by hand, which is not repeated" in like.stderr, like.stderr)
    again = run("train", "--data", "digits", "--init", model, "--epochs", "1", "--save", model)
    metadata = json.loads(run("inspect", model, "--json").stdout.splitlines()[0])["metadata"]
    check(again.returncode == 0 and "rate_changes" not in metadata, "a run of its own has no changes")


def check_wrong(training):
    """Pages of other sites, and programs that are mistaken, change nothing."""
    json_type = {"Content-Type": "application/json"}
    own = f"http://127.0.0.1:{training.port}"
    for headers, status in [({}, 415), ({"Content-Type": "text/plain"}, 415), ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
                            ({**json_type, "Origin": "http://evil.example"}, 403), ({**json_type, "Origin": "null"}, 403),
                            ({**json_type, "Origin": own[:-1]}, 403), ({**json_type, "Origin": own.replace("http", "https")}, 403),
                            ({**json_type, "Host": "evil.example", "Origin": "http://evil.example"}, 403),
                            ({**json_type, "Host": "127.0.0.1.evil.example"}, 403), ({**json_type, "Host": f"evil.example:{training.port}"}, 403)]:
        training.control(status, headers, action="stop")
    for host, status in [("evil.example", 403), ("localhost", 200), ("[::1]:80", 200), ("", 403), ("127.0.0.1:x", 403), ("a.localhost", 200),
                         (socket.gethostname(), 200)]:
        check(training.ask("GET", "/state", headers={"Host": host})[0] == status, f"Host: {host}")
    for body in [b"", b"{", b"[]", b"{}", b'{"action":"explode"}', b'{"action":"step"}', b'{"action":"rate"}', b'{"action":"rate","factor":0}',
                 b'{"action":"rate","factor":1e9}', b'{"action":"rate","factor":"x"}', b"\xff\xfe", b"[" * 5000]:
        status, content = training.ask("POST", "/control", body, json_type)
        check(status == 400 and "expected" in json.loads(content)["error"], f"{body[:30]}: {status} {content}")
    for method, path, status in [("GET", "/control", 405), ("POST", "/state", 405), ("GET", "/predict", 404), ("GET", "/../etc/passwd", 404)]:
        check(training.ask(method, path)[0] == status, f"{method} {path}")
    check(training.ask("GET", "/state?points=-1&epochs=x&generation=99999999999999999999&tiles=")[0] == 200, "numbers that are none")
    training.control(headers={**json_type, "Origin": own}, action="resume")
    state = training.state()
    check(state["ended"] is None and state["rate_changes"] == 1, "nothing of that was done")


def check_bits():
    """A page that looks on, holds the run and lets it go on does not change the result by a bit."""
    options = ["--data", "digits", "--hidden", "48,24", "--epochs", "2", "--validation", "100"]
    expected = json.loads(run("train", "--json", *options).stdout.splitlines()[-1])["params_crc32"]
    with Training(*options) as training:
        for action in [{"action": "pause"}, {"action": "step", "of": "batch"}, {"action": "step", "of": "epoch"}, {"action": "resume"}]:
            if training.state()["ended"] is None:
                training.control(**action)
                time.sleep(0.05)
        while training.state()["ended"] is None:
            time.sleep(0.05)
        status, last, _ = training.end()
    check(status == 0 and last["params_crc32"] == expected, f"bits: {status}, {last['params_crc32']}, expected {expected}")
    check("rate_changes" not in last, "nothing was changed")


def check_table(folder):
    """Numbers to predict, and features that are no picture."""
    path = os.path.join(folder, "numbers.csv")
    with open(path, "w", encoding="ascii") as file:
        file.write("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i / 4 + 0.01}\n" for i in range(200)))
    with Training("--data", path, "--label", "y", "--epochs", "1000000", "--validation", "0.2", "--batch", "200", "--threads", "1") as training:
        state = training.wait("an epoch", lambda s: len(s["epochs"]) > 0)
        check(state["tiles"] is None and state["epochs"][0][2] is None and state["epochs"][0][5] is not None, f"numbers: {state['epochs'][0]}")
        thinned = training.wait("epochs by the thousand", lambda s: s["generation"] >= (1 if sanitized else 2))
        epochs = [row[0] for row in thinned["epochs"]]
        check(len(thinned["points"]) <= 1500 and len(epochs) <= 1000 and epochs == sorted(epochs), "are thinned out")
        training.control(action="pause")
        training.wait("paused", lambda s: s["paused"])
        training.process.send_signal(signal.SIGTERM)
        check(training.end()[0] == 143, "a signal ends a run that is held")


def check_rate_limits():
    """A rate that the trainer would refuse is refused to the page, and the run goes on with its own."""
    with Training(*LONG) as training:
        training.wait("points", lambda s: len(s["points"]) > 1)
        training.control(action="pause")
        training.wait("paused", lambda s: s["paused"])
        statuses = []
        for _ in range(200):
            statuses.append(training.ask("POST", "/control", b'{"action":"rate","factor":0.01}', {"Content-Type": "application/json"}))
            if statuses[-1][0] != 200:
                break
        check(100 < len(statuses) < 200 and statuses[-1][0] == 400 and "the rate would be 0" in json.loads(statuses[-1][1])["error"],
              f"too small a rate: {len(statuses)} {statuses[-1]}")
        check(training.wait("a rate", lambda s: s["base_rate"] < 1e-300)["ended"] is None, "the run goes on")


def check_quiet():
    """Without its address a page is of no use; and it is said why it is another one."""
    usual = None
    try:
        usual = socket.create_server(("127.0.0.1", 8017))
    except OSError:
        pass  # taken already
    for options, ending in [(["--port", "0"], ""), ([], " (port 8017 is taken)")]:
        done = run("train", "--data", "digits", "--hidden", "8", "--epochs", "1", "--serve", "--quiet", *options)
        said = done.stderr.splitlines()
        check(done.returncode == 0 and len(said) == 1 and said[0].startswith("watch it in a browser: http://127.0.0.1:") and
              said[0].endswith("/" + ending), f"--quiet {options}: {done.returncode} {said}")
    if usual is not None:
        usual.close()


def check_command():
    taken, port = taken_port()
    for options, status, message in [
            (["--serve", "--port", str(port)], 1, f"train: --serve: cannot listen on 127.0.0.1, port {port}"),
            (["--serve", "--address", "nowhere"], 2, "train: --address 'nowhere' is no address of an interface"),
            (["--port", "0"], 2, "--port: has no effect without --serve"),
            (["--serve", "--seeds", "2"], 2, "train: --serve: not with --seeds: it is for one network"),
            (["--serve", "--folds", "2"], 2, "train: --serve: not with --folds: it is for one network"),
            (["--serve", "--explain-plan"], 2, "--serve: has no effect with --explain-plan")]:
        done = run("train", "--data", "digits", *options)
        last = done.stderr.splitlines()[-1]
        check(done.returncode == status and message in last, f"{options}: {done.returncode} {last}")
    taken.close()


def check_all(folder):
    check_controls(folder)
    check_bits()
    check_table(folder)
    check_rate_limits()
    check_quiet()
    check_command()


sys.exit(main(check_all))
