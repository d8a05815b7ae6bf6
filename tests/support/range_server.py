#!/usr/bin/env python3
"""Serves FOLDER on a free port of 127.0.0.1, for the test of tools/fetch-mnist, and prints the port.

/good/NAME answers ranges, /whole/NAME ignores them, /corrupt/NAME has a byte changed, /other/NAME is a sound gzip file
of other content. Each request is a line of LOG: the path, the status, and the Range header or -. Ends by itself after
five minutes.
"""
import gzip
import http.server
import os
import sys
import threading

folder, log = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, headers=(), body=b""):
        with open(log, "a", encoding="utf-8") as lines:
            print(self.path, status, self.headers.get("Range", "-"), file=lines)
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        _, mirror, name = (self.path.split("/", 2) + ["", ""])[:3]
        path = os.path.join(folder, os.path.basename(name))
        if mirror not in ("good", "whole", "corrupt", "other") or not os.path.isfile(path):
            return self.answer(404)
        with open(path, "rb") as file:
            body = bytearray(file.read())
        if mirror == "corrupt":
            body[len(body) // 2] ^= 1
        if mirror == "other":
            body = bytearray(gzip.compress(gzip.decompress(body)[::-1]))
        wanted = self.headers.get("Range", "")
        if mirror == "whole" or not wanted.startswith("bytes="):
            return self.answer(200, body=body)
        first = int(wanted[len("bytes="):].split("-")[0])
        if first >= len(body):
            return self.answer(416, [("Content-Range", f"bytes */{len(body)}")])
        content_range = f"bytes {first}-{len(body) - 1}/{len(body)}"
        return self.answer(206, [("Content-Range", content_range)], body[first:])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
watchdog = threading.Timer(300, server.shutdown)
watchdog.daemon = True
watchdog.start()
print(server.server_address[1], flush=True)
server.serve_forever()
