#!/usr/bin/env python3
"""Ask aqi-serve and the FastAPI service that it replaces the same, and compare.

usage: differential.py AQI_SERVE [-n 1000] [--seed 1] [--error-dialect pydantic2]

AQI_REFERENCE names the folder of that service (app.py, make_model.py),
AQI_REFERENCE_PYTHON a Python that can run it (README.md beside this file). Where
they are unset, or it cannot be started, nothing is compared, and the line
printed begins with SKIP; good requests must be answered with 200 even so, and
bad ones never with 500 or more. The status is 1 where that is not so, or where
answers differ.
"""
import argparse
import collections
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import bodies
import compare

HERE = os.path.dirname(os.path.abspath(__file__))
LISTENS = re.compile(r"(?:running on|listening on) http://127\.0\.0\.1:(\d+)")


class Skip(Exception):
    pass


def prepare(python, source, folder):
    """The reference and its model, and that model as aqi-serve reads it."""
    for name in ("app.py", "make_model.py"):
        shutil.copy(os.path.join(source, name), folder)
    run = lambda *command: subprocess.run([python, *command], cwd=folder, capture_output=True, text=True, timeout=300)
    made = run("make_model.py", "gb")
    if made.returncode != 0:
        raise Skip("the reference's model cannot be made: " + made.stderr.strip()[-200:])
    made = run(os.path.join(HERE, "export_sklearn.py"), "model/model.pkl", "model/features.pkl", "model.json")
    if made.returncode != 0:
        sys.exit("the model cannot be exported: " + made.stdout + made.stderr)
    version = run("-c", "import sys, fastapi, pydantic; "
                        "print(*sys.version_info[:2], fastapi.__version__, pydantic.VERSION)")
    return made.stdout.strip(), version.stdout.split()


class Server:
    """A process that says on standard error where it listens."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        text=True)
        self.port = None
        said = []
        for line in self.process.stderr:
            said.append(line)
            found = LISTENS.search(line)
            if found:
                self.port = int(found.group(1))
                break
        self.said = "".join(said)
        # What is said later is read, too, or the process would wait.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.connection = None

    def close(self):
        self.process.kill()
        self.process.wait()

    def ask(self, request):
        """The answer; the reference closes behind a 500 without a word of it, so a second try is fair."""
        if self.connection:
            try:
                return self.ask_once(request)
            except (OSError, http.client.HTTPException):
                self.hang_up()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            return self.ask_once(request)
        except (OSError, http.client.HTTPException) as error:
            self.hang_up()
            return 0, {}, repr(error).encode()

    def hang_up(self):
        self.connection.close()
        self.connection = None

    def ask_once(self, request):
        method, path, headers, body = request
        c = self.connection
        c.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        c.putheader("Host", "h.example")
        for name, value in headers:
            c.putheader(name, value.encode("latin-1"))
        if body or method == "POST":
            c.putheader("Content-Length", str(len(body)))
        c.endheaders(body or None)
        answer = c.getresponse()
        found = {k.lower(): v for k, v in answer.getheaders()}
        out = answer.status, found, answer.read()
        if answer.will_close:
            self.hang_up()
        return out


def tell(request, ours, theirs, difference):
    print(f"# {difference}: {request[0]} {request[1]} {request[2]}\n#   {request[3][:600]!r}", file=sys.stderr)
    for who, answer in (("ours", ours), ("theirs", theirs)):
        print(f"# {who:7}{answer[0]} {answer[1]} {answer[2][:600]!r}", file=sys.stderr)


def run(options, ours, theirs, old_python):
    n_shown = n_differ = 0
    for kind, requests in zip(("good", "bad"), bodies.make(options.n, options.seed)):
        counts = collections.Counter()
        for request in requests:
            a, b = ours.ask(request), theirs.ask(request)
            difference = compare.differ(request, a, b, old_python, options.error_dialect == "pydantic1")
            known = difference in compare.KNOWN
            counts[difference if known else "differ"] += 1
            if not known and n_shown < options.show:
                n_shown += 1
                tell(request, a, b, difference)
        n_differ += counts["differ"]
        print(f"{kind}: {counts.pop(None, 0)} same, {counts.pop('differ', 0)} differ"
              + "".join(f", {n} {word}" for word, n in sorted(counts.items())))
    return n_differ


def compare_both(options, folder, servers):
    source, python = os.environ.get("AQI_REFERENCE"), os.environ.get("AQI_REFERENCE_PYTHON")
    if not source or not python:
        raise Skip("AQI_REFERENCE and AQI_REFERENCE_PYTHON are not set")
    exported, versions = prepare(python, source, folder)
    theirs = Server([python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", "0"], folder)
    servers.append(theirs)
    if not theirs.port:
        raise Skip("the reference does not start: " + theirs.said.strip()[-200:])
    ours = serve(options, folder, "--model", os.path.join(folder, "model.json"))
    servers.append(ours)
    print("reference: Python {}.{}, FastAPI {}, pydantic {}; {}".format(*versions, exported))
    return run(options, ours, theirs, (int(versions[0]), int(versions[1])) < (3, 13))


def serve(options, folder, *more):
    ours = Server([os.path.abspath(options.serve), "--listen", "127.0.0.1:0", "--workers", "1",
                   "--error-dialect", options.error_dialect, *more], folder)
    if not ours.port:
        ours.close()
        sys.exit("aqi-serve does not start: " + ours.said)
    return ours


def run_alone(options, folder):
    """Our own answers, which no reference says how they must be."""
    n_wrong = 0
    # "14.0" is an integer in pydantic 2 alone.
    right = (200,) if options.error_dialect == "pydantic2" else (200, 422)
    ours = serve(options, folder)
    try:
        for kind, requests in zip(("good", "bad"), bodies.make(options.n, options.seed)):
            for request in requests:
                answer = ours.ask(request)
                if answer[0] >= 500 or (kind == "good" and answer[0] not in right):
                    n_wrong += 1
                    print(f"# {kind}: {request} {answer}", file=sys.stderr)
    finally:
        ours.close()
    return n_wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("serve")
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--error-dialect", default="pydantic2")
    parser.add_argument("--show", type=int, default=10)
    options = parser.parse_args()
    servers = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            n_differ = compare_both(options, folder, servers)
        except Skip as skipped:
            n_differ = run_alone(options, folder)
            print("SKIP", skipped)
        finally:
            for server in servers:
                server.close()
    return n_differ > 0


if __name__ == "__main__":
    sys.exit(main())
