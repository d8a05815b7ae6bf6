"""What the tests of programs that listen share: live.py and serve.py beside this file. Needs nothing but Python."""
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile

minnow = os.path.abspath(sys.argv[1])
sanitized = "ASAN_OPTIONS" in os.environ  # then everything takes many times as long
failures = 0


def check(holds, what):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", what)


def run(*arguments, **more):
    return subprocess.run([minnow, *arguments], capture_output=True, text=True, timeout=300, **more)


class Listening:
    """A minnow that listens: self.process, on self.port. Leaving its block ends it."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content


def taken_port():
    """A socket that listens, and its port."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken, taken.getsockname()[1]


def main(tests):
    """Calls tests with a folder that is theirs. Returns the exit status: 77 where nothing can listen."""
    if not json.loads(run("info", "--json").stdout)["build"]["libraries"].get("libmicrohttpd"):
        print("this minnow was built without libmicrohttpd")
        return 77
    try:
        socket.create_server(("127.0.0.1", 0)).close()
    except OSError as error:
        print("no server can listen on this machine:", error)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        tests(folder)
    print(f"{failures} failures")
    return 1 if failures else 0
