"""Processes of our own that answer in JSON, and what this one uses."""

from collections.abc import Callable, Mapping
import contextlib
import json
import os
from pathlib import Path
import resource
import subprocess
import sys
from typing import Any, Final, Self

from demo.errors import DemoError

TIMEOUT: Final = 900.0
"""Seconds that any measurement may take; far more than one needs."""

_CRUMB: Final = 1e6


class BenchError(DemoError):
    """Something cannot be measured."""


class Worker:
    """A process that does one task and answers with what it measured."""

    def __init__(self, module: str, task: str, **arguments: object) -> None:
        """Start it.

        Args:
            module: The name of a module of this package that calls `work`.
            task: Which of its tasks.
            arguments: What JSON can carry.

        """
        self._name = f"{module} {task}"
        self._answer: dict[str, Any] | None = None
        self._process = _python(module, task, json.dumps(arguments))

    def result(self) -> dict[str, Any]:
        """Wait until it is done; return what it measured.

        Raises:
            BenchError: It failed.

        """
        if self._answer is None:
            self._answer = self._wait()
        return self._answer

    def _wait(self) -> dict[str, Any]:
        try:
            answer, _ = self._process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            raise BenchError(f"{self._name} takes too long") from None
        finally:
            self._process.kill()
        if self._process.returncode:
            raise BenchError(f"{self._name} failed")
        measured: dict[str, Any] = json.loads(answer)
        return measured


class Server:
    """A process that does what it is told, order by order, until it is closed."""

    def __init__(self, module: str, python: Path | None = None) -> None:
        """Start it.

        Args:
            module: The name of a module of this package that reads orders.
            python: The interpreter of another environment, if it needs one.

        """
        self._name = module
        self._process = _python(module, python=python)

    def ask(self, **order: object) -> Any:
        """Give an order and wait for the answer.

        Raises:
            BenchError: There is none.

        """
        to = self._process.stdin
        assert to is not None
        try:
            to.write(json.dumps(order) + "\n")
            to.flush()
        except BrokenPipeError:
            raise BenchError(f"{self._name} has ended") from None
        return self.hear()

    def hear(self) -> Any:
        """Wait for what it says, unasked.

        Raises:
            BenchError: It does not.

        """
        back = self._process.stdout
        assert back is not None
        if not (answer := back.readline()):
            raise BenchError(f"{self._name} has ended")
        return json.loads(answer)

    def close(self) -> None:
        """Let it end."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Let it end."""
        self.close()


def work(tasks: Mapping[str, Callable[..., Mapping[str, Any]]]) -> None:
    """Do the task that the command line names, and print what comes out."""
    _, task, arguments = sys.argv
    print(json.dumps(tasks[task](**json.loads(arguments))))


def memory() -> float:
    """Return how much memory this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / _CRUMB


def peak(process: int | str = "self") -> float:
    """Return the most memory that a process ever held, in MB.

    Not by `resource.getrusage`: what that tells is at least what the process held that
    started the one in question.
    """
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / _CRUMB


def cpu_seconds(process: int) -> float:
    """Return how many seconds of CPU time a process has used, with all its threads."""
    stat = Path(f"/proc/{process}/stat").read_text("utf-8", errors="replace")
    # What stands in front is its name, which may hold anything.
    fields = stat.rpartition(")")[2].split()
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def files() -> int:
    """Return how many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def threads() -> tuple[str, ...]:
    """Return the name of each thread of this process, also of those of libraries."""
    names = []
    for thread in Path("/proc/self/task").iterdir():
        # It may end while it is looked at.
        with contextlib.suppress(OSError):
            names.append((thread / "comm").read_text("utf-8").strip())
    return tuple(sorted(names))


def _python(
    module: str, *arguments: str, python: Path | None = None
) -> subprocess.Popen[str]:
    """Start a module of this package; what goes wrong in it is shown as it is."""
    return subprocess.Popen(
        [python or sys.executable, "-m", f"{__package__}.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
