#!/usr/bin/env python3
"""minnow serve as programs and broken programs use it: serve.py MINNOW [--hostile SECONDS]

With --hostile nothing but this: for so long, clients of every bad kind beside two good ones, each of whose answers is
compared; then how many requests there were, and the memory at the start, in the middle and at the end.

Needs nothing but Python; exits with 77 where this minnow was built without libmicrohttpd.
"""
import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

from listening import Listening, check, main, minnow, run, taken_port


class Server(Listening):
    """minnow serve on a port that is free."""

    def __init__(self, model, *options):
        self.process = subprocess.Popen(
            [minnow, "serve", "--model", model, "--port", "0", "--json", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.port = json.loads(line)["port"] if line else None

    def __exit__(self, *ending):
        super().__exit__(*ending)
        self.process.stdout.close()
        self.process.stderr.close()

    def predict(self, body, path="/predict", **headers):
        answer, content = self.ask("POST", path, body, headers)
        return answer.status, json.loads(content)

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


def predicted(model, file):
    return [json.loads(line) for line in run("predict", "--model", model, "--json", file).stdout.splitlines()]


def same(found, expected):
    return [p["probabilities"] for p in found] == [p["probabilities"] for p in expected]


# ---- Digits ----

def check_pages(server):
    answer, content = server.ask("GET", "/")
    check(answer.status == 200 and content.startswith(b"<!DOCTYPE html>"), "the page")
    check(answer.getheader("Content-Type").startswith("text/html"), "its type")
    check(b"http://" not in content and b"https://" not in content, "the page names another server")
    check(answer.getheader("X-Content-Type-Options") == "nosniff", "its headers")
    answer, content = server.ask("GET", "/model")
    model = json.loads(content)
    check(model["sizes"] == [784, 16, 10] and model["input"]["kind"] == "picture", f"the model: {content}")
    check(json.loads(server.ask("GET", "/health")[1]) == {"status": "ok"}, "health")
    for host, status in [("evil.example", 403), ("localhost", 200), (f"127.0.0.1:{server.port}", 200)]:
        check(server.ask("GET", "/model", headers={"Host": host})[0].status == status, f"Host: {host}")
    answer, content = server.ask("HEAD", "/")
    check(answer.status == 200 and content == b"", "HEAD")


def check_samples(server, model, folder):
    rows = [[(7 * i * (r + 1)) % 256 for i in range(784)] for r in range(5)]
    path = os.path.join(folder, "rows.csv")
    with open(path, "w") as file:
        file.writelines(",".join(repr(value / 256) for value in row) + "\n" for row in rows)
    expected = predicted(model, path)
    status, answer = server.predict(json.dumps({"pixels": rows}))
    check(status == 200 and same(answer["predictions"], expected), "pixels as JSON")
    status, answer = server.predict(json.dumps({"rows": [[value / 256 for value in row] for row in rows]}))
    check(status == 200 and same(answer["predictions"], expected), "values as JSON")
    with open(path, "rb") as file:
        status, answer = server.predict(file.read())
    check(status == 200 and same(answer["predictions"], expected), "CSV")
    idx = bytes([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(sum(rows, []))
    status, answer = server.predict(idx)
    check(status == 200 and same(answer["predictions"], expected), "IDX")

    status, answer = server.predict(b"P5\n28 28\n255\n" + bytes(rows[0]), "/predict?detail=1")
    check(status == 200 and len(answer["seen"]["pixels"]) == 784, "what a picture becomes")
    check([len(layer) for layer in answer["activations"]] == [16, 10], "activations")
    check(answer["activations"][1] == answer["predictions"][0]["probabilities"], "the last ones are the outputs")


WRONG = [
    (b"", "is empty"),
    (b"{", "no JSON: line 1, column"),
    (b'{"rows": 3}', 'expected {"rows": [...]}'),
    (b'{"rows": []}', "no rows"),
    (b'{"rows": [[1, 2]]}', "row 0: 2 values, but the network takes 784"),
    (b'{"pixels": [[' + b"1," * 783 + b"256]]}", "row 0: value 783: expected a whole number from 0 to 255"),
    (b'{"rows": [[' + b"1," * 783 + b'"x"]]}', "row 0: value 783: expected a finite number"),
    (b'{"rows": [[' + b"1," * 783 + b"1e300]]}", "row 0: value 783: expected a finite number"),
    (b'{"rows": [{"x": 1}]}', "takes lists of 784 numbers, not named columns"),
    (b"[" * 5000, "no JSON"),
    (b'{"rows": [' + b"[0]," * 5000 + b"[0]]}", "5001 rows, expected at most 4096"),
    (b"words", "expected a finite number"),
    (b"\x89PNG\r\n\x1a\n cut short", ""),
    (b"P5\n60000 60000\n255\n", ""),
]


def check_wrong(server):
    for body, expected in WRONG:
        status, answer = server.predict(body)
        check(status == 400 and expected in answer["error"], f"{body[:40]}: {status} {answer}")
    for method, path, status in [("GET", "/../etc/passwd", 404), ("GET", "/src", 404), ("GET", "/predict", 405),
                                 ("DELETE", "/", 405), ("POST", "/model", 405), ("PUT", "/x", 404)]:
        answer, content = server.ask(method, path)
        check(answer.status == status and "error" in json.loads(content), f"{method} {path}: {answer.status}")
    check(server.ask("GET", "/predict")[0].getheader("Allow") == "POST", "which method a path takes")

    connection = server.socket()
    connection.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n")
    check(b" 413 " in connection.recv(1000), "100 MB that are announced")
    connection.close()


def check_broken_clients(server):
    """Garbage, halves of requests, bodies without end, and clients that go."""
    left_open = []
    for text in [b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"x" * 100000, b"nonsense\r\n\r\n",
                 b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf",
                 b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
                 b"GET / HTTP/1.1\r\nHos"]:
        connection = server.socket()
        try:
            connection.sendall(text)
        except OSError:
            pass
        left_open.append(connection)
    endless = server.socket()
    try:
        endless.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            endless.sendall(b"80000\r\n" + b"[" * 0x80000 + b"\r\n")
        check(endless.recv(1000) in (b"",) , "a body without end")
    except OSError:
        pass
    body = json.dumps({"pixels": [[0] * 784] * 50}).encode()
    head = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    for _ in range(30):  # gone before the answer
        connection = server.socket()
        connection.sendall(head + body)
        connection.close()
    check(server.ask("GET", "/health")[0].status == 200, "others are served beside broken clients")
    for connection in left_open + [endless]:
        connection.close()


def check_many(server, model):
    """Clients at a time: each gets the answer to its own question."""
    expected = {}
    for value in range(8):
        expected[value] = server.predict(json.dumps({"pixels": [[value * 30] * 784]}))[1]
    wrong = []

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        for i in range(20):
            value = (number + i) % 8
            connection.request("POST", "/predict", json.dumps({"pixels": [[value * 30] * 784]}))
            if json.loads(connection.getresponse().read()) != expected[value]:
                wrong.append((number, i))
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(not wrong, f"answers of {len(wrong)} of 640 requests that came together")


def check_end(server):
    """Clients ask on while the server ends: each is answered, refused or closed, and the server ends well."""
    body = json.dumps({"pixels": [[0] * 784] * 20})

    def client():
        try:
            while True:
                server.predict(body)
        except (OSError, http.client.HTTPException, ValueError):
            pass

    threads = [threading.Thread(target=client) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    server.process.send_signal(signal.SIGTERM)
    try:
        status = server.process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        status = "none, after a minute"
    check(status == 0, f"SIGTERM: exit status {status}")
    for thread in threads:
        thread.join()
    check("requests" in server.process.stderr.read(), "how many requests there were")


# ---- Hostile clients ----

def hostile_garbage(server, chance):
    with server.socket() as connection:
        connection.sendall(chance.randbytes(chance.randrange(1, 20000)))
        time.sleep(chance.random() * 0.2)


def hostile_half_open(server, chance):
    text = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf"
    with server.socket() as connection:
        connection.sendall(text[:chance.randrange(len(text))])
        time.sleep(chance.random() * 5)


def hostile_slow_reader(server, chance):
    with server.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        for _ in range(chance.randrange(20)):
            if not connection.recv(64):
                break
            time.sleep(0.2)


def hostile_slow_writer(server, chance):
    with server.socket() as connection:
        for byte in b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"[:chance.randrange(90)]:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


def hostile_large_body(server, chance):
    """100 MB, announced or in pieces."""
    announced = chance.random() < 0.5
    head = b"Content-Length: 104857600" if announced else b"Transfer-Encoding: chunked"
    with server.socket() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n")
        piece = b"[" * (1 << 20)
        for _ in range(100):
            connection.sendall(piece if announced else b"%x\r\n" % len(piece) + piece + b"\r\n")


def hostile_disconnect(server, chance):
    """Somewhere in a request, or before its answer; at times with a reset."""
    body = json.dumps({"pixels": [[chance.randrange(256)] * 784] * chance.randrange(1, 60)}).encode()
    text = b"POST /predict?detail=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with server.socket() as connection:
        connection.sendall(text if chance.random() < 0.5 else text[:chance.randrange(len(text))])
        if chance.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def hostile_wrong(server, chance):
    server.predict(chance.choice(WRONG)[0])


def resident(server):
    """The server's memory, in KiB; 0 where the system does not tell."""
    try:
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    except OSError:
        return 0


def good_client(server, until, counts, number):
    """Connects once, and asks again and again; an answer that is late, missing or another's is one that is lost."""
    bodies = [json.dumps({"pixels": [[value * 30] * 784]}) for value in range(8)]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    expected, slowest = {}, 0
    while time.monotonic() < until:
        value, asked = (counts["good"] + number) % 8, time.monotonic()
        try:
            connection.request("POST", "/predict", bodies[value])
            answer = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            answer = str(error)
            connection.close()
        slowest = max(slowest, time.monotonic() - asked)
        counts["lost"] += answer != expected.setdefault(value, answer) or "predictions" not in answer
        counts["good"] += 1
        time.sleep(0.002)
    connection.close()
    counts["slowest"] = max(counts["slowest"], slowest)


def check_hostile(model, seconds):
    kinds = [hostile_garbage, hostile_half_open, hostile_slow_reader, hostile_slow_writer, hostile_large_body, hostile_disconnect, hostile_wrong]
    counts = {"good": 0, "lost": 0, "slowest": 0, **{kind.__name__: 0 for kind in kinds}}
    with Server(model, "--threads", "2", "--quiet") as server:
        until = time.monotonic() + seconds

        def bad_client(kind, seed):
            chance = random.Random(seed)
            while time.monotonic() < until:
                try:
                    kind(server, chance)
                except (OSError, http.client.HTTPException, ValueError):
                    pass
                counts[kind.__name__] += 1
                time.sleep(0.01)

        threads = [threading.Thread(target=bad_client, args=(kind, i)) for i, kind in enumerate(kinds * 4)]
        threads += [threading.Thread(target=good_client, args=(server, until, counts, i)) for i in range(2)]
        for thread in threads:
            thread.start()
        memory = []
        while time.monotonic() < until:
            time.sleep(min(5, seconds / 12))
            memory.append(resident(server))
        for thread in threads:
            thread.join()
        check(server.process.poll() is None and server.ask("GET", "/health")[0].status == 200, "the server is as it was")
        server.process.send_signal(signal.SIGTERM)
        check(server.process.wait(timeout=60) == 0, "and ends well")
    check(counts["lost"] == 0 and counts["good"] > 0, f"{counts['lost']} of {counts['good']} answers are lost")
    # Requests under way take some at any moment; what is lost for good shows in the second half.
    begin, end = (statistics.median(half) for half in (memory[:len(memory) // 2], memory[len(memory) // 2:]))
    check(end <= 1.5 * begin + 65536, f"memory grows: {memory}")
    print(f"{seconds:g} s, {counts}; KiB in the first half {begin:.0f}, in the second {end:.0f}, most {max(memory)}")


# ---- Tables ----

TABLE = "length,colour,species\n" + "".join(
    f"{i % 7 + (5 if i % 3 == 0 else 0)},{'red' if i % 2 else 'blue'},{'lily' if i % 3 == 0 else 'tulip'}\n" for i in range(120))


def check_table(folder):
    path, model = os.path.join(folder, "flowers.csv"), os.path.join(folder, "flowers.safetensors")
    with open(path, "w") as file:
        file.write(TABLE)
    made = run("train", "--data", path, "--epochs", "2", "--save", model)
    check(made.returncode == 0, made.stderr)
    with Server(model) as server:
        kind = json.loads(server.ask("GET", "/model")[1])["input"]
        check(kind["kind"] == "table" and kind["columns"][1]["values"] == ["red", "blue"] or
              kind["columns"][1]["values"] == ["blue", "red"], f"columns: {kind}")
        rows = os.path.join(folder, "rows.csv")
        with open(rows, "w") as file:
            file.write("colour,length\nred,9\nblue,\ngreen,1.5\n")
        expected = predicted(model, rows)
        objects = {"rows": [{"length": 9, "colour": "red"}, {"length": None, "colour": "blue"},
                            {"colour": "green", "length": "1.5", "more": 1}]}
        status, answer = server.predict(json.dumps(objects))
        check(status == 200 and same(answer["predictions"], expected), f"rows of named values: {answer}")
        check(answer["predictions"][0]["class"] == expected[0]["class"], "the class's name")
        with open(rows, "rb") as file:
            status, answer = server.predict(file.read())
        check(status == 200 and same(answer["predictions"], expected), f"a table as it is: {answer}")
        for body, message in [({"rows": [{"length": 1}]}, 'row 0: no "colour"'),
                              ({"rows": [{"length": [1], "colour": "red"}]}, '"length": expected a number'),
                              ({"rows": [{"length": "much", "colour": "red"}]}, "much"),
                              ({"rows": [{"length": 1, "colour": "red"}, 5]}, "row 1: expected an object")]:
            status, answer = server.predict(json.dumps(body))
            check(status == 400 and message in answer.get("error", ""), f"{body}: {answer}")


# ---- Ensembles ----

def check_ensemble(folder):
    model = os.path.join(folder, "ensemble.safetensors")
    made = run("train", "--data", "digits", "--hidden", "16", "--epochs", "1", "--seeds", "2", "--ensemble", "--save", model)
    check(made.returncode == 0, made.stderr)
    with Server(model) as server:
        check(json.loads(server.ask("GET", "/model")[1])["networks"] == 2, "how many networks there are")
        status, answer = server.predict(b"P5\n28 28\n255\n" + bytes(255 if 300 < i < 340 else 0 for i in range(784)), "/predict?detail=1")
        check(status == 200 and "seen" in answer and "activations" not in answer, f"an ensemble's answer: {answer}")


# ---- The command line ----

def check_command(model):
    taken, port = taken_port()
    failed = run("serve", "--model", model, "--port", str(port))
    check(failed.returncode == 1 and f"cannot listen on 127.0.0.1, port {port}" in failed.stderr, failed.stderr)
    taken.close()
    failed = run("serve", "--model", model, "--address", "nowhere")
    check(failed.returncode == 2 and "no address of an interface" in failed.stderr, failed.stderr)


def check_all(folder):
    model = os.path.join(folder, "digits.safetensors")
    made = run("train", "--data", "digits", "--hidden", "16", "--epochs", "1", "--save", model)
    check(made.returncode == 0, made.stderr)
    if len(sys.argv) > 3 and sys.argv[2] == "--hostile":
        check_hostile(model, float(sys.argv[3]))
        return
    check_hostile(model, 2)
    with Server(model, "--threads", "2") as server:
        check_pages(server)
        check_samples(server, model, folder)
        check_wrong(server)
        check_broken_clients(server)
        check_many(server, model)
        check_end(server)
    check_table(folder)
    check_ensemble(folder)
    check_command(model)


sys.exit(main(check_all))
