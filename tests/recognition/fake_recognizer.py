"""A child that behaves like our own recognizer, or not, as a file tells it.

It is run as `python fake_recognizer.py FOLDER`. `FOLDER/mode` says how it behaves, and
is looked at anew for every request; its process id is added to `FOLDER/runs`.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
import os
from pathlib import Path
import signal
import sys
import threading
from typing import override

FOLDER = Path(sys.argv[1])
TOKEN = os.environ["PLATE_GATE_RECOGNIZER_TOKEN"]


def mode() -> str:
    """Return how to behave."""
    return (FOLDER / "mode").read_text()


class Handler(BaseHTTPRequestHandler):
    """Answers a ping, and reads the same plate in every picture."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, answer: dict[str, object]) -> None:
        allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        body = json.dumps(answer).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Answer a ping."""
        self._answer({"success": True, "version": "0.0.1"})

    def do_POST(self) -> None:
        """Read a picture."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if mode() == "hang":
            threading.Event().wait()
        if mode() == "refuse":
            self._answer({"success": False})
            return
        prediction = {"plate": "AB12CDE", "confidence": 0.9}
        self._answer({"success": True, "predictions": [prediction]})


def main() -> None:
    """Say that it is ready, and serve until nobody is there any more."""
    with (FOLDER / "runs").open("a") as runs:
        runs.write(f"{os.getpid()}\n")
    (FOLDER / "environment").write_text("\n".join(os.environ))
    behavior = mode()
    if behavior == "end":
        sys.exit(3)
    if behavior == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    (FOLDER / "port").write_text(str(server.server_port))
    ready = {
        "ready": True,
        "host": "127.0.0.1",
        "port": server.server_port,
        "version": "0.0.1",
    }
    line = {
        "unable": json.dumps({"ready": False, "error": "AB12CDE"}),
        "garbage": "AB12CDE",
        "elsewhere": json.dumps(ready | {"port": "AB12CDE"}),
        "endless": "AB12CDE" * 20_000,
    }.get(behavior, json.dumps(ready))
    if behavior != "silent":
        # The noise is more than a pipe holds: if nobody reads it, this waits forever.
        sys.stdout.write(line + "\n" + "noise\n" * 50_000)
        sys.stdout.flush()
    sys.stderr.write("noise\n" * 50_000)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    if behavior == "stubborn":
        threading.Event().wait()


if __name__ == "__main__":
    main()
