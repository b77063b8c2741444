#!/usr/bin/env python3
"""Paths that try to leave, and bytes that try to forge a line of the log.

Usage: tests/serve/paths.py

With AQI_CORPORA, the strings of naughty-strings/blns.json are tried, too.
"""
import os
import pathlib
import re
import tempfile
import urllib.parse

from serve import (SEED, Checks, Client, Closed, Cut, Server, json, random,
                   request, signal)

check = Checks()

# Each is no path of ours, however it is turned.
LEAVING = [
    "/..", "/../", "/../health", "/../../../../etc/passwd", "/health/..",
    "/health/../ready", "/./health", "/.", "/%2e%2e/health", "/%2E%2e/",
    "/.%2e/health", "/%2e/health", "/..%2fhealth", "/%2e%2e%2fhealth",
    "/health%00", "/health%00.json", "/%00", "/%", "/%2", "/%zz", "/%2g",
    "//health", "//", "///etc/passwd", "/health//", "/health/x", "/\\..\\",
    "/..\\..\\etc", "/%5c..%5c", "/health%5c", "/%c0%ae%c0%ae/", "/%252e%252e/",
    "/predict%2fbatch/../health", "/health;x", "/Health", "/HEALTH",
    "/file:///etc/passwd", "/docs/../../model", "/model/info/../../..",
    "/~root", "/health%0d%0ax:y", "/%e2%80%ae", "http://localhost/../health",
    "http://localhost//health", "http://localhost/%2e%2e/health",
    "http://localhost/%00", "http:///health", "//localhost/health"]


def log_lines(path):
    """The lines of a log, each of which is checked."""
    text = path.read_bytes()
    check(text.endswith(b"\n") or not text, "the log ends in a whole line")
    check(not re.search(rb"[^\x20-\x7e\n]", text),
          "the log is of printable ASCII")
    return [json.loads(line) for line in text.splitlines()]


def refused(server, target):
    """Status, and whether anything was answered that should not be."""
    with Client(server) as client:
        client.send(b"GET " + target.encode("latin-1") +
                    b" HTTP/1.1\r\nHost: localhost\r\n"
                    b"Connection: close\r\n\r\n")
        try:
            status = client.read()[0]
        except (Closed, Cut):
            return 0
        check(client.ends() == b"", f"{target!r} has one answer")
        return status


def naughty_strings():
    folder = os.environ.get("AQI_CORPORA")
    if not folder:
        return []
    path = pathlib.Path(folder, "naughty-strings", "blns.json")
    return json.loads(path.read_text("utf-8"))


with tempfile.TemporaryDirectory() as folder:
    log = pathlib.Path(folder, "log")
    n_sent = 0
    with Server("-w", 1, "--access-log", log) as server:
        for target in LEAVING:
            status = refused(server, target)
            n_sent += 1
            check(status in (400, 404, 307),
                  f"{target!r} has status {status}")
            # Only slashes at the end too many lead somewhere: to the route.
            check(status != 307 or target == "/health//",
                  f"{target!r} leads somewhere")
        # Every byte, and pairs of them, in each place of a request.
        choose = random.Random(SEED)
        values = [bytes([b]) for b in range(256)]
        values += [bytes(choose.randrange(256) for _ in range(8))
                   for _ in range(200)]
        values += ['"},{"status":200}'.encode(), b'\\', b'\\u0000', b'"',
                   b"x" * 5000, "\u202e\u2066\u200f".encode(),
                   b"\x1b]0;title\x07", b"\x1b[2J"]
        values += [s.encode("utf-8", "surrogatepass")
                   for s in naughty_strings()]
        heads = (b"GET /%s HTTP/1.1\r\nHost: a\r\n",
                 b"%s /health HTTP/1.1\r\nHost: a\r\n",
                 b"GET /health HTTP/1.1\r\nHost: a\r\nUser-Agent: %s\r\n",
                 b"GET /health HTTP/1.1\r\nHost: a\r\nX-%s: y\r\n",
                 b"GET /health HTTP/1.1\r\nHost: %s\r\n")
        for value in values:
            for head in heads:
                with Client(server) as client:
                    client.send(head % value + b"Connection: close\r\n\r\n")
                    try:
                        client.read()
                    except Closed:
                        check(False, f"{head % value!r} is not answered")
                    client.ends()
                n_sent += 1
            target = "/" + urllib.parse.quote_from_bytes(value)
            with Client(server) as client:
                client.send(request("GET", target,
                                    fields=["Connection: close"]))
                check(client.read()[0] in (400, 404), f"{target} is nothing")
            n_sent += 1
        server.signal(signal.SIGTERM)
        check(server.wait() == 0, "it ends")
        said = server.process.stderr.read()
    lines = log_lines(log)
    # Some values end a request, and begin another or what is none.
    check(n_sent <= len(lines) <= n_sent * 1.1,
          f"{len(lines)} lines of {n_sent} requests")
    check(all({"time", "peer", "status", "bytes", "ms"} <= set(line)
              for line in lines), "each line is whole")
    check(said == b"", f"nothing is said: {said}")
check.end(f"{n_sent} requests, {len(lines)} lines of the log")
