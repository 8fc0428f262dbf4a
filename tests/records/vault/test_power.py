"""The power fails in the middle of a row, and processes are killed."""

import os
from pathlib import Path
import subprocess
import sys

import pytest

from custom_components.plate_gate.errors import StoreNotSavedError
from custom_components.plate_gate.records.vault import Vault
from tests.source import INTEGRATION

ROUNDS = 8

# Without Home Assistant, which the package itself imports and its records do not.
ALONE = f"""
import sys, types
package = types.ModuleType("custom_components.plate_gate")
package.__path__ = [{str(INTEGRATION)!r}]
sys.modules["custom_components.plate_gate"] = package
"""

WRITER = """
import sys
from pathlib import Path
from custom_components.plate_gate.records.vault import Vault
journal = Vault.open(Path(sys.argv[1])).journal("rows")
number = len(journal.load())
print(number, flush=True)
while True:
    if number % 40 == 39:
        journal.rewrite([b"%d" % n for n in range(number + 1)])
    else:
        journal.append([b"%d" % number])
    number += 1
    print(number, flush=True)
"""

FULL = """
import resource, signal, sys
from pathlib import Path
from custom_components.plate_gate.errors import StoreNotSavedError
from custom_components.plate_gate.records.vault import Vault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Vault.open(Path(sys.argv[1])).journal("rows")
count = len(journal.load())
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    while True:
        journal.append([bytes(100)])
        count += 1
except StoreNotSavedError:
    pass
try:
    journal.rewrite([bytes(5000)])
except StoreNotSavedError:
    pass
else:
    sys.exit("the limit does not hold")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
journal.append([b"last"])
print(count + 1)
"""


class _PowerFails(BaseException):
    """The end of a process, in the middle of anything."""


def _run(program: str, vault: Vault) -> list[str]:
    return [sys.executable, "-c", ALONE + program, str(vault.folder)]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a vault with an empty file."""
    vault = Vault.create(tmp_path / "vault")[0]
    journal = vault.journal("rows")
    journal.load()
    journal.rewrite([])
    return vault


def test_any_part_of_a_row(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever part of an append reached the disk: all of it counts, or nothing."""
    write = os.write
    journal = vault.journal("rows")
    journal.append([b"old"])
    path = vault.folder / "rows.sealed"
    whole = 2 * (4 + 12 + 16 + 3)
    for part in range(whole + 1):
        size = path.stat().st_size

        def write_a_part(file: int, content: bytes, part: int = part) -> int:
            # The anchor and whatever else is written as a whole, beside its old state.
            if os.fstat(file).st_size == 0:
                return write(file, content)
            write(file, content[:part])
            raise _PowerFails

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", write_a_part)
            with pytest.raises(_PowerFails):
                journal.append([b"new", b"row"])
        assert path.stat().st_size == size + part
        again = Vault.open(vault.folder).journal("rows")
        rows = again.load()
        assert rows == ([b"old", b"new", b"row"] if part == whole else [b"old"])
        again.append([b"next"])
        assert Vault.open(vault.folder).journal("rows").load() == [*rows, b"next"]
        vault = Vault.open(vault.folder)
        journal = vault.journal("rows")
        journal.load()
        journal.rewrite([b"old"])


def test_killed_at_any_moment(vault: Vault) -> None:
    """Of what a process has acknowledged nothing is lost, and nothing is made up."""
    at_least = 0
    for _ in range(ROUNDS):
        with subprocess.Popen(_run(WRITER, vault), stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for line in writer.stdout:
                # A few more each time, so that it ends at different places.
                if int(line) >= at_least + 25:
                    break
            writer.kill()
            rest = writer.stdout.read().split()
        acknowledged = int(rest[-1]) if rest else int(line)
        rows = Vault.open(vault.folder).journal("rows").load()
        assert rows == [b"%d" % number for number in range(len(rows))]
        assert acknowledged <= len(rows) <= acknowledged + 1
        at_least = len(rows) + 7


def test_full_disk(vault: Vault) -> None:
    """What does not fit is told, and all that was acknowledged is there."""
    done = subprocess.run(
        _run(FULL, vault), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    rows = Vault.open(vault.folder).journal("rows").load()
    assert len(rows) == int(done.stdout)
    assert rows[-1] == b"last"


def test_disk_that_cannot_be_written(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be read. The error is played: who runs as root may write everywhere."""
    journal = vault.journal("rows")
    journal.append([b"one"])

    def refuse(*args: object, **kwargs: object) -> int:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        for change in (journal.append, journal.rewrite):
            with pytest.raises(StoreNotSavedError):
                change([b"two"])
        fresh = Vault.open(vault.folder).journal("rows")
        assert fresh.load() == [b"one"]
    journal.append([b"two"])
    assert Vault.open(vault.folder).journal("rows").load() == [b"one", b"two"]
