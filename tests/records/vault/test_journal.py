"""A sealed file of rows: what it keeps, and what of it is noticed."""

from collections.abc import Callable
import os
from pathlib import Path
import struct
from tempfile import TemporaryDirectory
from typing import override

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
import pytest

from custom_components.plate_gate.errors import (
    StoreDamagedError,
    StoreNotSavedError,
    StoreRolledBackError,
)
from custom_components.plate_gate.records.vault import Journal, Vault

ROWS = [b"one", b"", b"three" * 50]
HEAD = 16


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Return a new vault."""
    return Vault.create(tmp_path / "vault")[0]


@pytest.fixture
def journal(vault: Vault) -> Journal:
    """Return a file with three rows."""
    journal = vault.journal("rows")
    assert journal.load() == []
    journal.append(ROWS)
    return journal


def file_of(vault: Vault, name: str = "rows") -> Path:
    """Return where a file of a vault is."""
    return vault.folder / f"{name}.sealed"


def again(vault: Vault, name: str = "rows") -> list[bytes]:
    """Return what another start would find."""
    return Vault.open(vault.folder).journal(name).load()


def frames(content: bytes) -> list[bytes]:
    """Return the frames of a file, each with its length before it."""
    found = []
    at = HEAD
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        found.append(content[at : at + 4 + length])
        at += 4 + length
    return found


def test_what_was_written_is_read(vault: Vault, journal: Journal) -> None:
    """Rows come back in their order, from the next start, too."""
    assert journal.count == 3
    journal.append([b"four"])
    journal.append([])
    assert again(vault) == [*ROWS, b"four"]

    journal.rewrite([b"new"])
    assert again(vault) == [b"new"]
    journal.rewrite([])
    assert journal.exists
    assert again(vault) == []
    journal.remove()
    journal.remove()
    assert not journal.exists
    assert again(vault) == []
    journal.append([b"anew"])
    assert again(vault) == [b"anew"]
    assert repr(journal) == "Journal(1 rows)"


def test_nothing_of_it_can_be_read(vault: Vault, journal: Journal) -> None:
    """Neither a row nor that two rows are the same."""
    journal.rewrite([b"AB12CDE AB12CDE"] * 2)
    content = file_of(vault).read_bytes()
    assert b"AB12CDE" not in content
    one, other = frames(content)
    assert one[4:] != other[4:]


def test_another_key(vault: Vault, journal: Journal) -> None:
    """A file may get another key, and the old one opens it no more."""
    old, new = b"o" * 32, b"n" * 32
    keyed = vault.journal("day", old)
    keyed.load()
    keyed.rewrite([b"row"])
    keyed.rewrite([b"row"], key=new)
    keyed.append([b"next"])
    assert vault.journal("day", new).load() == [b"row", b"next"]
    with pytest.raises(StoreDamagedError):
        vault.journal("day", old).load()


def test_only_for_the_owner(vault: Vault, journal: Journal) -> None:
    """Nobody else may even look at what is sealed."""
    assert vault.folder.stat().st_mode & 0o777 == 0o700
    for path in vault.folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name


def test_not_loaded(vault: Vault, journal: Journal) -> None:
    """What nobody has looked at is not changed."""
    fresh = Vault.open(vault.folder).journal("rows")
    changes: list[Callable[[], None]] = [
        lambda: fresh.append([b"x"]),
        lambda: fresh.rewrite([b"x"]),
        fresh.remove,
    ]
    for change in changes:
        with pytest.raises(StoreNotSavedError):
            change()
    assert again(vault) == ROWS


def test_every_flipped_byte_is_noticed(vault: Vault, journal: Journal) -> None:
    """Of the file, and of the anchor; nothing is ever read as something else."""
    for path in (file_of(vault), vault.folder / "anchor"):
        content = path.read_bytes()
        for at in range(len(content)):
            path.write_bytes(
                content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :]
            )
            with pytest.raises(StoreDamagedError):
                again(vault)
        path.write_bytes(content)
    assert again(vault) == ROWS


def test_every_cut_is_noticed(vault: Vault, journal: Journal) -> None:
    """At any length, also between two rows, and if the file is gone."""
    path = file_of(vault)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(StoreDamagedError):
            again(vault)
    path.unlink()
    with pytest.raises(StoreRolledBackError):
        again(vault)
    path.write_bytes(content + b"\0")
    with pytest.raises(StoreDamagedError):
        again(vault)


def test_rows_that_change_places(vault: Vault, journal: Journal) -> None:
    """Swapped, left out, doubled, or taken from another file or another day."""
    other = vault.journal("other")
    other.load()
    other.append(ROWS)
    path = file_of(vault)
    content = path.read_bytes()
    one, two, three = frames(content)
    strangers = frames(file_of(vault, "other").read_bytes())
    journal.rewrite(ROWS)
    renewed = path.read_bytes()
    for damaged in (
        [two, one, three],
        [one, three],
        [one, one, two, three],
        [one, two, three, three],
        [strangers[0], two, three],
        [one, two, strangers[2]],
    ):
        path.write_bytes(content[:HEAD] + b"".join(damaged))
        with pytest.raises(StoreDamagedError):
            again(vault)
        path.write_bytes(renewed[:HEAD] + b"".join(damaged))
        with pytest.raises(StoreDamagedError):
            again(vault)
    # The file of another name, as it is.
    path.write_bytes(file_of(vault, "other").read_bytes())
    with pytest.raises(StoreDamagedError):
        again(vault)


def test_old_state_is_noticed(vault: Vault, journal: Journal) -> None:
    """The file of yesterday is intact, and so is yesterday's anchor; neither passes."""
    path, anchor = file_of(vault), vault.folder / "anchor"
    old = path.read_bytes(), anchor.read_bytes()
    changes: list[Callable[[], None]] = [
        lambda: journal.append([b"four"]),
        lambda: journal.rewrite(ROWS),
    ]
    for change in changes:
        change()
        new = path.read_bytes(), anchor.read_bytes()
        for file, mark in ((old[0], new[1]), (new[0], old[1])):
            path.write_bytes(file)
            anchor.write_bytes(mark)
            with pytest.raises(StoreRolledBackError):
                again(vault)
        path.write_bytes(new[0])
        anchor.write_bytes(new[1])


def test_old_state_is_accepted_by_a_person(vault: Vault, journal: Journal) -> None:
    """After a backup was restored; not what was changed."""
    path = file_of(vault)
    old = path.read_bytes()
    journal.append([b"four"])
    path.write_bytes(old)
    found = Vault.open(vault.folder)
    found.accept()
    assert again(vault) == ROWS
    assert found.journal("rows").load() == ROWS

    path.unlink()
    Vault.open(vault.folder).accept()
    assert again(vault) == []

    path.write_bytes(old[:-1])
    with pytest.raises(StoreDamagedError):
        Vault.open(vault.folder).accept()
    # Without its anchor, too.
    path.write_bytes(old)
    (vault.folder / "anchor").unlink()
    with pytest.raises(StoreDamagedError):
        Vault.open(vault.folder)
    Vault.open(vault.folder, accept=True).accept()
    assert again(vault) == ROWS


def test_damaged_file_is_given_up(vault: Vault, journal: Journal) -> None:
    """A person may begin anew over whatever is there."""
    path = file_of(vault)
    path.write_bytes(path.read_bytes()[:-1])
    fresh = Vault.open(vault.folder).journal("rows")
    with pytest.raises(StoreDamagedError):
        fresh.load()
    assert not fresh.is_loaded
    fresh.overwrite([b"anew"])
    assert again(vault) == [b"anew"]


def test_names(vault: Vault) -> None:
    """A name is no way out of the folder."""
    for name in ("", "../key", "Key", "a/b", "a" * 65):
        with pytest.raises(ValueError, match="No name"):
            vault.journal(name)


def test_too_long_a_row(
    vault: Vault, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be read back is not written."""
    monkeypatch.setattr(
        "custom_components.plate_gate.records.vault.journal.ROW_MAX", 100
    )
    with pytest.raises(StoreNotSavedError):
        journal.append([bytes(101)])
    with pytest.raises(StoreNotSavedError):
        journal.rewrite([bytes(101)])
    monkeypatch.undo()
    journal.append([b"four"])
    assert again(vault) == [*ROWS, b"four"]


class _PowerFails(BaseException):
    """The end of a process, in the middle of anything."""


def _fail_at(
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    error: type[BaseException],
    *,
    once: bool = False,
) -> None:
    """Let the n-th thing that is done to the disk fail, and all that follow."""
    left = number

    def wrap(what: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal left
            left -= 1
            if left == -1 or (left < 0 and not once):
                raise error
            return what(*args, **kwargs)

        return call

    for name in ("open", "write", "fsync", "ftruncate"):
        monkeypatch.setattr(os, name, wrap(getattr(os, name)))
    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, wrap(getattr(Path, name)))


CHANGES: dict[str, tuple[Callable[[Journal], None], list[bytes]]] = {
    "append": (lambda j: j.append([b"four", b"five"]), [*ROWS, b"four", b"five"]),
    "rewrite": (lambda j: j.rewrite([b"new"]), [b"new"]),
    "remove": (lambda j: j.remove(), []),
}


FAULTS: dict[str, tuple[type[BaseException], bool]] = {
    "power": (_PowerFails, False),
    "disk": (OSError, False),
    "hiccup": (OSError, True),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_fails_at_any_moment(
    tmp_path: Path, change: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acknowledged is there, what was not may be, and nothing in between."""
    act, after = CHANGES[change]
    error, once = FAULTS[fault]
    for number in range(60):
        vault = Vault.create(tmp_path / f"vault{number}")[0]
        journal = vault.journal("rows")
        journal.load()
        journal.append(ROWS)
        refused = False
        with monkeypatch.context() as patch:
            _fail_at(patch, number, error, once=once)
            try:
                act(journal)
                expected = [after]
            except _PowerFails:
                expected = [ROWS, after]
            except StoreNotSavedError:
                refused = True
                # A disk that has gone cannot even take it back.
                expected = [ROWS] if once else [ROWS, after]
        if refused:
            # Who is told that it failed finds it as it was, and may go on.
            assert journal.count == len(ROWS)
        found = again(vault)
        assert found in expected
        if error is OSError:
            journal.append([b"next"])
            before = ROWS if refused else after
            assert again(vault) == [*before, b"next"]
        if (expected == [after] and not once) or number > 40:
            return
    pytest.fail("it takes more steps than were tried")


@pytest.mark.parametrize("error", [_PowerFails, OSError])
def test_fails_while_it_is_made(
    tmp_path: Path, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A vault that was half made can be made, and one that was made can be opened."""
    for number in range(60):
        folder = tmp_path / f"vault{number}"
        made = False
        with monkeypatch.context() as patch:
            _fail_at(patch, number, error)
            try:
                Vault.create(folder)
                made = True
            except _PowerFails, StoreNotSavedError:
                pass
        if (folder / "keys.json").exists():
            assert Vault.open(folder).names == ()
        else:
            assert not made
            assert Vault.create(folder)[0].names == ()
        if made and number > 20:
            return
    pytest.fail("it takes more steps than were tried")


FILES = ("anchor", "a.sealed", "b.sealed")


class History(RuleBasedStateMachine):
    """Two files of a vault, changed and put back to what they were, in any order."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name) / "vault"
        self.vault = Vault.create(path)[0]
        self.true: dict[str, list[bytes]] = {"a": [], "b": []}
        self.journals = {name: self.vault.journal(name) for name in self.true}
        for journal in self.journals.values():
            journal.load()
        self.past: list[dict[str, bytes]] = []

    @override
    def teardown(self) -> None:
        """Leave nothing behind."""
        self._folder.cleanup()

    def _files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.vault.folder.iterdir()}

    @rule(name=st.sampled_from("ab"), rows=st.lists(st.binary(max_size=9), max_size=3))
    def append(self, name: str, rows: list[bytes]) -> None:
        """Add rows."""
        self.past.append(self._files())
        self.journals[name].append(rows)
        self.true[name] = [*self.true[name], *rows]

    @rule(name=st.sampled_from("ab"), rows=st.lists(st.binary(max_size=9), max_size=3))
    def rewrite(self, name: str, rows: list[bytes]) -> None:
        """Write it anew."""
        self.past.append(self._files())
        self.journals[name].rewrite(rows)
        self.true[name] = rows

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        """Put one file, or two of the three, back to what they were."""
        past = data.draw(st.sampled_from(self.past))
        now = self._files()
        some = st.lists(st.sampled_from(FILES), min_size=1, max_size=2, unique=True)
        for name in data.draw(some):
            self._put(name, past.get(name))
        whole = self._files()
        try:
            opened = Vault.open(self.vault.folder)
            found = {name: opened.journal(name).load() for name in self.true}
        except StoreDamagedError:
            assert whole != now
        else:
            # Nobody can tell who looks at these files only that all of them are old.
            assert found == self.true or whole == past
        for name in FILES:
            self._put(name, now.get(name))

    def _put(self, name: str, content: bytes | None) -> None:
        path = self.vault.folder / name
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content)

    @invariant()
    def comes_back(self) -> None:
        """Another start finds what was written."""
        opened = Vault.open(self.vault.folder)
        for name, rows in self.true.items():
            assert opened.journal(name).load() == rows


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes changed, left out or put in anywhere: an error, or the true rows."""
    folder = tmp_path_factory.mktemp("damage") / "vault"
    vault = Vault.create(folder)[0]
    journal = vault.journal("rows")
    journal.load()
    journal.append(ROWS)
    path = data.draw(st.sampled_from([file_of(vault), folder / "anchor"]))
    content = path.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    put = data.draw(st.binary(max_size=40) | st.just(content[start:end]))
    damaged = content[:start] + put + content[end:]
    path.write_bytes(damaged)
    try:
        found = again(vault)
    except StoreDamagedError:
        assert damaged != content
    else:
        assert found == ROWS
        assert damaged == content
