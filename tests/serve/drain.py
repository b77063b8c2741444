#!/usr/bin/env python3
"""SIGTERM under load, again and again: no answer is cut, nothing is lost.

Usage: tests/serve/drain.py [RUNS]
"""
import socket

from serve import (SEED, Checks, Client, Closed, Cut, Load, Server, random,
                   request, signal, sys, time)

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
check = Checks()
choose = random.Random(SEED)
print(f"AQI_SEED={SEED}")
n_answers = n_cut = n_unanswered = 0
slowest = 0.0
for run in range(RUNS):
    with Server("-w", choose.choice((1, 2))) as server:
        load = Load(server, choose.choice((1, 4, 16)))
        load.begin(choose.randrange(1, 200))
        started = time.monotonic()
        server.signal(choose.choice((signal.SIGTERM, signal.SIGINT)))
        status = server.wait()
        check(status == 0, f"run {run}: status {status} is 0")
        # Its port is free, for one that listens alone.
        free = socket.socket()
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", server.port))
        free.listen()
        free.close()
        slowest = max(slowest, time.monotonic() - started)
        load.end()
        check(set(load.statuses) == {200}, f"all are 200: {load.statuses}")
        n_answers += load.n_answers
        n_cut += load.n_cut
        n_unanswered += load.n_unanswered
check(n_cut == 0, f"{n_cut} answers were cut")
check(n_unanswered == 0, f"{n_unanswered} requests were not answered")
check(slowest < 1, f"it ended within {slowest:.2f} s")

# With a delay it serves on, but is not ready; then it ends. A second signal
# ends it at once.
with Server("--drain-delay", "0.5") as server, Client(server) as client:
    check(client.ask(request("GET", "/ready"))[0] == 200, "it is ready")
    started = time.monotonic()
    server.signal(signal.SIGTERM)
    status = 200
    while status == 200 and time.monotonic() - started < 10:
        status = client.ask(request("GET", "/ready"))[0]
    check(status == 503, "it is not ready any more")
    check(time.monotonic() - started < 0.4, "at once")
    with Client(server) as other:
        status, fields, _ = other.ask(request("GET", "/health"))
        check(status == 200, "but it serves on, new connections too")
    check(server.wait() == 0, "then it ends")
    check(time.monotonic() - started > 0.5, "after the delay")
for delay in ("3600", "0"):
    with Server("--drain-delay", delay) as server, Client(server) as client:
        client.send(b"POST /predict HTTP/1.1\r\nHost: a\r\n"
                    b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        client.read()
        server.signal(signal.SIGTERM)
        # It has seen the first when it is not ready, or does not listen.
        status = 200
        while status == 200:
            try:
                with Client(server) as other:
                    status = other.ask(request("GET", "/ready"))[0]
            except (ConnectionRefusedError, Closed, Cut):
                status = 0
        server.signal(signal.SIGINT)
        started = time.monotonic()
        check(server.wait() == -signal.SIGINT, "a second signal ends it")
        check(time.monotonic() - started < 1, "at once")
# timeout(1) sends its signal twice at once. That is one, as long as we are
# quick enough to do the same.
n_tries = 0
is_quick = False
while not is_quick and n_tries < 50:
    n_tries += 1
    with Server() as server, Client(server) as client:
        client.send(b"POST /predict HTTP/1.1\r\nHost: a\r\n"
                    b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        client.read()
        sent = time.monotonic()
        for _ in range(3):
            server.signal(signal.SIGTERM)
        is_quick = time.monotonic() - sent < 0.1
        client.send(b"{...}")
        if is_quick:
            check(client.read()[0] == 422 and server.wait() == 0,
                  "the same signal again at once is not a second one")
check(is_quick, f"{n_tries} tries were enough")
with Server("--drain-limit", "0.2") as server, Client(server) as client:
    client.send(b"POST /predict HTTP/1.1\r\nHost: a\r\n"
                b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    client.read()
    server.signal(signal.SIGTERM)
    check(server.wait() == 0, "who does not go on is cut at the limit")
check.end(f"{RUNS} stops under load: {n_answers} answers, {n_cut} cut, "
          f"{n_unanswered} requests without an answer, ended and its port "
          f"free within {slowest:.3f} s")
