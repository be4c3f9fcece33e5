"""Holds the running server against its own document: schemathesis over real binaries, with keys and with data.

    python run.py BINARIES [--examples N] [--seed N] [--least N]

Starts a server and a worker in a temporary folder, lives through a few market days so that every kind of resource
exists, lets schemathesis send its examples, and prints how many there were. Fails on any finding, when the server has
died, and when fewer than --least examples were sent.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
KEY = "conformance"
DAYS = 3
SETTINGS = {
    "ANALYZE_API_KEYS": f"conformance:write:{hashlib.sha256(KEY.encode()).hexdigest()}",
    # Examples come faster than any caller should; the limit has its own tests.
    "ANALYZE_RATE_LIMIT": "off",
    # A wait of two minutes per example would take the night.
    "ANALYZE_SYNC_MAX": "200ms",
    "RUST_LOG": "warn",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """A server and a worker of these binaries over a database of their own."""

    def __init__(self, binaries, folder):
        self.base = f"http://127.0.0.1:{free_port()}"
        settings = SETTINGS | {
            "ANALYZE_LISTEN": self.base.removeprefix("http://"),
            "DATABASE_URL": f"sqlite://{folder}/analyze.db",
        }
        flags = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        self.log = open(f"{folder}/log", "wb")
        self.processes = [
            subprocess.Popen([f"{binaries}/{name}", *flags], stdout=self.log, stderr=self.log)
            for name in ("analyze-server", "analyze-worker")
        ]

    def call(self, method, path, body=None):
        headers = {"X-API-Key": KEY, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def wait_until_ready(self):
        for _ in range(600):
            try:
                return self.call("GET", "/readyz")
            except OSError:
                time.sleep(0.05)
        raise SystemExit("conformance: the server is not ready")

    def live_through_a_day(self):
        """The sample's next trading day: a run, to its end."""
        run = self.call("POST", "/analyze")["run_id"]
        while (status := self.call("GET", f"/runs/{run}/status"))["completed_at"] is None:
            time.sleep(0.05)
        if status["status"] != "completed":
            raise SystemExit(f"conformance: a run did not complete: {status}")

    def known(self):
        """Identifiers of one thing of each kind, as the paths name them."""
        job = self.call("GET", "/runs/1/status")
        lists = {"signal_id": "/signals", "position_id": "/positions", "prediction_id": "/predictions"}
        found = {name: self.call("GET", path)[0]["id"] for name, path in lists.items()}
        return found | {"run_id": 1, "portfolio_id": 1, "job_id": job["job_id"], "result_id": job["result_id"]}

    def is_alive(self):
        return all(process.poll() is None for process in self.processes)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


def examples_of(text):
    """How many examples the summary counts."""
    found = re.search(r"([\d,]+)\s+generated", text)
    return int(found.group(1).replace(",", "")) if found else 0


def schemathesis(stack, folder, arguments):
    tool = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    command = [
        tool, "--config-file", str(HERE / "schemathesis.toml"), "run", f"{stack.base}/openapi.json",
        "--header", f"Authorization: Bearer {KEY}",
        "--max-examples", str(arguments.examples), "--seed", str(arguments.seed),
    ]  # fmt: skip
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
        "KNOWN": json.dumps(stack.known()),
    }
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as process:
        lines = []
        for line in process.stdout:
            sys.stdout.write(line)
            lines.append(line)
    return process.returncode, examples_of("".join(lines))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--examples", type=int, default=20, help="per operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--least", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(arguments.binaries, folder)
        try:
            stack.wait_until_ready()
            for _ in range(DAYS):
                stack.live_through_a_day()
            started = time.monotonic()
            code, count = schemathesis(stack, folder, arguments)
            alive = stack.is_alive()
        finally:
            stack.stop()
        print(f"conformance: {count} examples in {time.monotonic() - started:.0f} s, seed {arguments.seed}")
        if code != 0:
            raise SystemExit(f"conformance: schemathesis has findings (exit code {code})")
        if not alive:
            raise SystemExit("conformance: a process has died:\n" + Path(folder, "log").read_text())
        if count < arguments.least:
            raise SystemExit(f"conformance: fewer than {arguments.least} examples")


if __name__ == "__main__":
    main()
