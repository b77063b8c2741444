#!/usr/bin/env python3
"""Limits of connections and descriptors, and what a pause in accepting costs.

Usage: tests/serve/limits.py
"""
import os
import pathlib

from serve import Checks, Client, Server, request, signal, time

HEALTH = request("GET", "/health")
check = Checks()

# Up to the limit they are served, the next is told why it is not.
for option, reason in (("--connection-limit", b"too many connections\n"),
                       ("--peer-limit",
                        b"too many connections from one address\n")):
    with Server("-w", 2, option, 20) as server:
        clients = [Client(server) for _ in range(20)]
        check(all(c.ask(HEALTH)[0] == 200 for c in clients),
              f"{option}: 20 are served")
        over = Client(server)
        status, fields, body = over.read()
        check(status == 503 and body == reason and
              fields["retry-after"] == "1" and
              fields["connection"] == "close",
              f"{option}: the next gets {status}, {body}")
        check(over.ends() == b"", "and is closed")
        check(all(c.ask(HEALTH)[0] == 200 for c in clients),
              f"{option}: those before are served on")
        for c in clients[:5]:
            c.send(request("GET", "/health", fields=["Connection: close"]))
            c.read()
            c.ends()
            c.close()
        more = [Client(server) for _ in range(5)]
        check(all(c.ask(HEALTH)[0] == 200 for c in more),
              f"{option}: who goes makes room")
        for c in more + clients:
            c.close()

# Without descriptors it stops accepting, and does not ask again and again.
FILES = 64
with Server("-w", 2, limit_files=FILES) as server:
    clients = [Client(server) for _ in range(2 * FILES)]
    folder = pathlib.Path(f"/proc/{server.process.pid}/fd")
    deadline = time.monotonic() + 20
    while len(os.listdir(folder)) < FILES and time.monotonic() < deadline:
        pass
    check(len(os.listdir(folder)) == FILES, "all descriptors are in use")
    began, cpu = time.monotonic(), server.cpu_seconds()
    # What it does in a second of waiting is what is measured.
    time.sleep(1)
    share = (server.cpu_seconds() - cpu) / (time.monotonic() - began)
    check(share < 0.05, f"it waits at {share:.1%} of a processor")
    # As those that were let in go, all others are.
    n_served = 0
    for c in clients:
        c.send(request("GET", "/health", fields=["Connection: close"]))
    for c in clients:
        n_served += c.read()[0] == 200
        c.close()
    check(n_served == len(clients), f"{n_served} of {len(clients)} are served")
    server.signal(signal.SIGTERM)
    check(server.wait() == 0, "it ends")
check.end(f"out of descriptors, it waits at {share:.1%} of a processor")
