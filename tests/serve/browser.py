#!/usr/bin/env python3
"""Look at the page of the API as a person does, in a headless Chromium.

usage: browser.py AQI_SERVE

Prints a line for each thing that is right, and ends with status 1 at the first
that is not. Where there is no Chromium the line begins with SKIP. The browser
is told what to do over a pipe, in its DevTools protocol; it needs no driver.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from differential import Server

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"]
PREDICT = """new Promise((done) => {
    const status = document.getElementById("status");
    const tell = () => done(JSON.stringify({
        status: status.textContent, answer: document.getElementById("answer").textContent,
        wrong: [...document.querySelectorAll(".wrong")].map((e) => e.name)}));
    for (const [name, value] of Object.entries(%s)) document.querySelector(`input[name=${name}]`).value = value;
    status.className = "";
    new MutationObserver(() => setTimeout(tell, 0)).observe(status, {attributes: true});
    document.querySelector("%s").click();
})"""


class Browser:
    def __init__(self, program, folder):
        read_commands, self.commands = os.pipe()
        self.events, write_events = os.pipe()

        def pipes():
            os.dup2(read_commands, 3 + 100)
            os.dup2(write_events, 4 + 100)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self.process = subprocess.Popen([program, *FLAGS, "--user-data-dir=" + folder], preexec_fn=pipes,
                                        close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_commands)
        os.close(write_events)
        self.n_sent, self.rest, self.session, self.seen = 0, b"", None, []

    def next_message(self):
        while b"\0" not in self.rest:
            more = os.read(self.events, 65536)
            if not more:
                sys.exit("the browser has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def send(self, method, **parameters):
        self.n_sent += 1
        message = {"id": self.n_sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next_message()
            if answer.get("id") == self.n_sent:
                return answer.get("result", answer)
            self.seen.append(answer)

    def open(self, url):
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.send(domain + ".enable")
        self.send("Page.navigate", url=url)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.seen):
            self.seen.append(self.next_message())

    def value(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return result["result"].get("value")

    def close(self):
        self.process.kill()
        self.process.wait()


def check(is_right, sentence, *details):
    print("right:" if is_right else "wrong:", sentence, *([] if is_right else details))
    if not is_right:
        sys.exit(1)


def look(browser, root):
    browser.open(root + "/docs")
    check(browser.value("document.title") == "AQI Predictor API", "the page has its title")
    check(browser.value("document.querySelectorAll('.fields input').length") == 13, "the form has 13 fields")
    check(browser.value("document.getElementById('base').textContent") == root, "the example has this address")
    press = lambda values, button: json.loads(browser.value(PREDICT % (json.dumps(values), button)))
    said = press({}, "form button")
    check(said["status"] == "200 OK" and "category" in said["answer"] and not said["wrong"],
          "the example is predicted", said)
    said = press({"pm25": "abc", "hour": "25"}, "form button")
    check(said["status"] == "422" and said["wrong"] == ["pm25", "hour"], "what is wrong is marked", said)
    said = press({"pm25": "1", "hour": "2"}, "#batch")
    check(said["status"] == "200 OK" and "predictions" in said["answer"] and not said["wrong"],
          "a batch is predicted", said)
    foreign = [e["params"]["request"]["url"] for e in browser.seen if e.get("method") == "Network.requestWillBeSent"
               and not e["params"]["request"]["url"].startswith(root + "/")]
    check(not foreign, "nothing comes from elsewhere", foreign)
    thrown = [e for e in browser.seen if e.get("method") == "Runtime.exceptionThrown"]
    check(not thrown, "nothing is thrown", thrown)


def main():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        print("SKIP there is no Chromium")
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server([os.path.abspath(sys.argv[1]), "--listen", "127.0.0.1:0", "--workers", "1"], folder)
        browser = Browser(program, folder)
        try:
            look(browser, f"http://127.0.0.1:{server.port}")
        finally:
            browser.close()
            server.close()


if __name__ == "__main__":
    main()
