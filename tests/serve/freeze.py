#!/usr/bin/env python3
"""What aqi-loadgen reports of a server that stands still for a while.

    freeze.py RATE SECONDS AT FOR

aqi-serve is stopped AT seconds after the start FOR some seconds,
while RATE requests a second are due for SECONDS. Of a share f = FOR / SECONDS
of them each waits for what is left of the stop, uniformly from 0 to FOR, and
the others wait for nothing. So the share s of all waits for no longer than
FOR * (s - (1 - f)) / f, and the mean is FOR * f / 2: of a server that answers
at once what has come together. Prints what was measured beside it, as one JSON
object.

The two sleeps are the experiment, and wait for nothing; how long the stop was
in truth is measured.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("BUILD", "build")


def main():
    rate, seconds, at, stop = (float(a) for a in sys.argv[1:])
    with subprocess.Popen([os.path.join(BUILD, "aqi-serve"), "--listen",
                           "127.0.0.1:0"],
                          stderr=subprocess.PIPE, text=True) as server, \
            tempfile.TemporaryDirectory() as folder:
        try:
            url = server.stderr.readline().split()[-1]
            seen = os.path.join(folder, "csv")
            os.mkfifo(seen)
            with subprocess.Popen(
                    [os.path.join(BUILD, "aqi-loadgen"), "--target",
                     f"{url}/health", "--rate",
                     f"{rate:g}:{seconds:g}s", "--connections", "10",
                     "--json", "--csv", seen],
                    stdout=subprocess.PIPE, text=True) as load:
                with open(seen) as csv:
                    csv.readline()
                    time.sleep(at)
                    os.kill(server.pid, signal.SIGSTOP)
                    stopped = time.monotonic()
                    time.sleep(stop)
                    os.kill(server.pid, signal.SIGCONT)
                    stopped = time.monotonic() - stopped
                    csv.read()
                report = json.loads(load.stdout.read())
        finally:
            server.kill()
    share = stopped / seconds
    latency = report["latency"]
    print(json.dumps({
        "status": load.returncode, "sent": report["sent"],
        "ok": report["ok"], "count": latency["count"],
        "p50_ms": latency["p50_ms"],
        "service_p90_ms": report["service_time"]["p90_ms"],
        "lateness_p99_ms": report["client"]["lateness"]["p99_ms"],
        "measured_ms": [latency["p90_ms"], latency["p99_ms"],
                        latency["mean_ms"]],
        "wanted_ms": [1000 * stopped * (s - (1 - share)) / share
                      for s in (0.9, 0.99)] + [1000 * stopped * share / 2],
    }))


main()
