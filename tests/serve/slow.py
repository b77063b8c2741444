#!/usr/bin/env python3
"""Many slow clients beside a steady good load: they cost little memory, each is
closed at its time limit, and the good ones hardly notice.

Usage: tests/serve/slow.py [CONNECTIONS [TIME_LIMIT_FACTOR]]

The factor shortens the time limits of a header, a body and idleness, which are
10 s, 30 s and 60 s.
"""
import selectors

from serve import (FULL, PATIENCE, PREDICT, Checks, Client, Server, request,
                   socket, sys, threading, time)

N = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
FACTOR = float(sys.argv[2]) if len(sys.argv) > 2 else 0.1
LIMITS = {"head": 10 * FACTOR, "body": 30 * FACTOR, "idle": 60 * FACTOR,
          "write": 30 * FACTOR}
# What a loaded machine may be late by, over a time limit.
LATE = 5.0
MOST_BYTES = 20000
HEAD_BYTES = 10000
WRITE_REQUESTS = 5000
check = Checks()


class Slow:
    """A client of a kind, and when it was closed."""

    def __init__(self, kind, port):
        self.kind = kind
        self.socket = socket.socket()
        if kind == "write":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.answer = b""
        self.closed = None
        self.rest = b""
        if kind == "head":
            self.rest = b"GET / HTTP/1.1\r\nX: ".ljust(HEAD_BYTES, b"a")
        elif kind == "body":
            whole = request("POST", "/predict", b"x" * 10000)
            self.socket.send(whole[:-9999])
            self.rest = whole[-9999:]
        elif kind == "write":
            # More than any buffer of the kernel takes.
            self.socket.send(request("GET", "/docs") * WRITE_REQUESTS)
        self.began = time.monotonic()

    def trickle(self):
        if self.closed or not self.rest:
            return
        if self.kind == "head" and len(self.rest) == HEAD_BYTES:
            self.began = time.monotonic()
        try:
            self.socket.send(self.rest[:1])
            self.rest = self.rest[1:]
        except OSError:
            pass

    def read(self):
        """True: it is over."""
        try:
            data = self.socket.recv(4096)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self.answer += data
        if data:
            return False
        self.closed = time.monotonic() - self.began
        return True


class Good(threading.Thread):
    """One request after the other, and how long each took."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client = Client(server)
        self.times = []
        self.stop = threading.Event()

    def run(self):
        while not self.stop.is_set():
            started = time.monotonic()
            status, _, _ = self.client.ask(PREDICT)
            self.times.append(time.monotonic() - started)
            if status != 200:
                raise SystemExit(f"a good request had status {status}")

    def p99_ms(self, n=None):
        times = sorted(self.times[-n:] if n else self.times)
        return times[int(len(times) * 0.99)] * 1000


def measure(server, seconds):
    good = Good(server)
    good.start()
    good.stop.wait(seconds)
    good.stop.set()
    good.join(PATIENCE)
    return good


options = [a for k, v in LIMITS.items() for a in (f"--{k}-time", v)]
with Server("-w", 1, "--connection-limit", N + 100, *options) as server:
    alone = measure(server, 2 if FULL else 0.5)
    before = server.resident_bytes()
    # With the good client that comes, too.
    n_files = server.n_files() + 1
    kinds = ["head", "body", "idle", "write"]
    if N < 4000:
        counts = {k: N // 4 for k in kinds}
    else:
        # What they do not read fills the kernel's memory, not the server's.
        counts = {"head": N * 45 // 100, "body": N // 4, "idle": N // 4,
                  "write": N // 20}
    slow = [Slow(k, server.port) for k in kinds for _ in range(counts[k])]
    n_open = len(slow)
    selector = selectors.DefaultSelector()
    for s in slow:
        if s.kind != "write":
            selector.register(s.socket, selectors.EVENT_READ, s)
    beside = Good(server)
    beside.start()
    next_byte = time.monotonic()
    peak = 0
    left = sum(s.kind != "write" for s in slow)
    deadline = time.monotonic() + LIMITS["idle"] + PATIENCE
    while left and time.monotonic() < deadline:
        if time.monotonic() >= next_byte:
            next_byte += 1 if FACTOR >= 1 else FACTOR
            peak = max(peak, server.resident_bytes())
            for s in slow:
                s.trickle()
        for key, _ in selector.select(max(0, next_byte - time.monotonic())):
            if key.data.read():
                selector.unregister(key.fileobj)
                left -= 1
    # Those that do not read are cut; to read would set them going again.
    while server.n_files() > n_files and time.monotonic() < deadline:
        next_byte += 1
        selector.select(max(0, next_byte - time.monotonic()))
    n_uncut = server.n_files() - n_files
    for s in slow:
        if s.kind == "write":
            while n_uncut <= 0 and not s.read():
                pass
    beside.stop.set()
    beside.join(PATIENCE)

each = (peak - before) / n_open
print(f"p99 alone {alone.p99_ms():.3f} ms, beside them "
      f"{beside.p99_ms():.3f} ms")
check(n_uncut <= 0, f"{n_uncut} slow readers were not cut")
check(each < MOST_BYTES, f"{each:.0f} bytes a connection")
if FULL:
    check(beside.p99_ms() < 2 * alone.p99_ms(), "p99 is below twice")
for kind in kinds:
    mine = [s for s in slow if s.kind == kind]
    check(all(s.closed for s in mine), f"all of {kind} are closed")
    if kind == "write":
        check(all(s.answer.count(b"HTTP/1.1 200") < WRITE_REQUESTS for s in mine),
              "slow readers are cut")
        continue
    times = [s.closed for s in mine if s.closed]
    least, most = min(times), max(times)
    print(f"{kind}: {len(mine)} closed after {least:.2f} to {most:.2f} s, "
          f"limit {LIMITS[kind]:.2f} s")
    check(least >= LIMITS[kind] - 0.05, f"none of {kind} too early")
    check(most <= LIMITS[kind] + LATE, f"none of {kind} too late")
    if kind in ("head", "body"):
        check(all(s.answer.startswith(b"HTTP/1.1 408 ") for s in mine),
              f"{kind} is told so")
check.end(f"{n_open} slow connections, {each:.0f} bytes each, "
          f"{len(beside.times)} good requests beside them")
