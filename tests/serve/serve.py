"""A server under test, and clients that ask it: what the scripts here share.

Programs come from $BUILD. Nothing waits for a time to pass: a client waits for
bytes, for the end of a connection, or for the server to end, and fails after
PATIENCE seconds.
"""
import json
import os
import pathlib
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build")).resolve()
PATIENCE = 60
SEED = int(os.environ.get("AQI_SEED", "8000"))
FULL = bool(os.environ.get("AQI_FULL"))

RECORD = {
    "pm25": 35.5, "pm10": 50.2, "no2": 25.3, "so2": 8.1, "co": 0.6, "o3": 45.7,
    "temperature": 22.5, "humidity": 65.0, "wind_speed": 3.2,
    "pressure": 1013.25, "hour": 14, "day_of_week": 2, "month": 6}


def request(method, target, body=b"", fields=()):
    """The bytes of a request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *fields]
    if body:
        lines += ["Content-Type: application/json",
                  f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


PREDICT = request("POST", "/predict", json.dumps(RECORD).encode())


class Server:
    """aqi-serve on a free port, from when it listens until it is closed."""

    def __init__(self, *arguments, limit_files=None, env=None, **popen):
        def prepare():
            if limit_files:
                resource.setrlimit(resource.RLIMIT_NOFILE,
                                   (limit_files, limit_files))
        environment = {k: v for k, v in os.environ.items() if k not in
                       ("AQI_MODEL", "MODEL_PATH", "LOG_LEVEL", "WORKERS")}
        self.process = subprocess.Popen(
            [str(BUILD / "aqi-serve"), "--listen", "127.0.0.1:0",
             *map(str, arguments)],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment | (env or {}), preexec_fn=prepare, **popen)
        self.said = []
        line = self.line()
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)$", line)
        if not found:
            self.process.kill()
            raise SystemExit(f"it does not listen: {line}")
        self.port = int(found[1])

    def line(self):
        """The next line that it says."""
        line = self.process.stderr.readline().decode().rstrip("\n")
        self.said.append(line)
        return line

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port),
                                              timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Its status, once it has ended."""
        return self.process.wait(PATIENCE)

    def cpu_seconds(self):
        """Of its processors' time, so far."""
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        values = text.rpartition(")")[2].split()
        return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024

    def n_files(self):
        """Descriptors in use."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Cut(Exception):
    """An answer that began and did not end."""


class Closed(Exception):
    """The connection closed where an answer could have begun."""


class Client:
    """One connection, with answers read one after the other."""

    def __init__(self, server):
        self.socket = server.connect()
        self.left = b""

    def more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Cut(self.left) if self.left else Closed()
        self.left += data

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read(self, has_body=True):
        """(status, fields, body) of the next answer."""
        while b"\r\n\r\n" not in self.left:
            self.more()
        head, _, rest = self.left.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:])
        size = int(fields.get("content-length", 0)) if has_body else 0
        while len(rest) < size:
            self.more()
            rest = self.left.partition(b"\r\n\r\n")[2]
        self.left = rest[size:]
        return int(lines[0].split()[1]), fields, rest[:size]

    def ask(self, data):
        self.send(data)
        return self.read()

    def ends(self):
        """What comes until the other end closes."""
        try:
            while True:
                self.more()
        except Cut:
            return self.left
        except Closed:
            return b""

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Load(threading.Thread):
    """Connections that ask again and again, each as soon as it is answered."""

    def __init__(self, server, n=4, data=PREDICT):
        super().__init__()
        self.server, self.data = server, data
        self.statuses = {}
        self.n_cut = self.n_unanswered = 0
        self.stop = threading.Event()
        self.started = threading.Semaphore(0)
        self.threads = [threading.Thread(target=self.work, daemon=True)
                        for _ in range(n)]
        self.lock = threading.Lock()

    def answered(self, status, fields, body):
        """For those who want to know more."""

    def work(self):
        try:
            with Client(self.server) as client:
                while not self.stop.is_set():
                    status, fields, body = client.ask(self.data)
                    with self.lock:
                        self.statuses[status] = \
                            self.statuses.get(status, 0) + 1
                    self.answered(status, fields, body)
                    self.started.release()
                    if fields.get("connection") == "close":
                        return
        except ConnectionRefusedError:
            # It came too late to be one of them.
            pass
        except Cut:
            with self.lock:
                self.n_cut += 1
        except Closed:
            with self.lock:
                self.n_unanswered += 1

    def begin(self, n=1):
        """Start, and wait for so many answers."""
        for thread in self.threads:
            thread.start()
        for _ in range(n):
            if not self.started.acquire(timeout=PATIENCE):
                raise SystemExit("no answer under load")

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    @property
    def n_answers(self):
        return sum(self.statuses.values())


class Checks:
    """Sentences that are to be true; the first that is not is the status."""

    def __init__(self):
        self.failed = 0

    def __call__(self, passed, sentence):
        if not passed:
            self.failed = 1
            print(f"not true: {sentence}")

    def end(self, summary):
        print(summary)
        sys.exit(self.failed)
