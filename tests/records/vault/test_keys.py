"""Where the master key is, and what happens if it is not there."""

import copy
import json
from pathlib import Path
import pickle
from typing import Any

import pytest

from custom_components.plate_gate.errors import (
    KeyMissingError,
    KeyWrongError,
    StoreDamagedError,
    VaultLockedError,
)
from custom_components.plate_gate.models import Plate
from custom_components.plate_gate.records.vault import (
    KeyMode,
    KeyStore,
    MasterKey,
    PlateIndex,
    Vault,
)
from custom_components.plate_gate.records.vault.sealing import Sealer, derive

PASSPHRASE = "correct horse battery"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the vault is to be."""
    return tmp_path / "vault"


def filled(vault: Vault) -> Vault:
    """Return a vault with something in it."""
    file = vault.file("thing")
    assert file.load() is None
    file.save(b"content")
    return vault


def content(vault: Vault) -> bytes | None:
    """Return what is in it."""
    return vault.file("thing").load()


def test_key_beside_the_data(folder: Path) -> None:
    """It opens by itself, and not with the key of another vault."""
    filled(Vault.create(folder)[0])
    assert KeyStore(folder).mode is KeyMode.FILE
    assert KeyStore(folder).external is None
    assert content(Vault.open(folder)) == b"content"

    key = folder / "key"
    right = key.read_bytes()
    for wrong, error in (
        (MasterKey(bytes(32)).as_text(), KeyWrongError),
        (b"nonsense", KeyWrongError),
        (b"", KeyWrongError),
        (b"QUJD", KeyWrongError),
    ):
        key.write_bytes(wrong)
        with pytest.raises(error):
            Vault.open(folder)
    key.unlink()
    with pytest.raises(KeyMissingError):
        Vault.open(folder)
    key.write_bytes(right)
    assert content(Vault.open(folder)) == b"content"


def test_nothing_is_made_over_what_is_sealed(folder: Path) -> None:
    """A vault whose keys are gone is not replaced by an empty one."""
    filled(Vault.create(folder)[0])
    with pytest.raises(KeyMissingError):
        Vault.create(folder)
    for damaged in (None, b"", b"{}", b"[]", b'{"version": 2, "mode": "file"}'):
        if damaged is None:
            (folder / "keys.json").rename(folder / "aside")
        else:
            (folder / "keys.json").write_bytes(damaged)
        for way in (Vault.create, Vault.open):
            with pytest.raises(KeyMissingError):
                way(folder)
    (folder / "aside").rename(folder / "keys.json")
    assert content(Vault.open(folder)) == b"content"


def test_newer_keys_are_refused(folder: Path) -> None:
    """What a later version has written is left alone."""
    Vault.create(folder)
    path = folder / "keys.json"
    keys = json.loads(path.read_bytes())
    path.write_text(json.dumps({**keys, "version": 2}))
    with pytest.raises(KeyMissingError):
        Vault.open(folder)


def test_passphrase(folder: Path) -> None:
    """Nothing opens without it, and no key is on the disk."""
    filled(Vault.create(folder, KeyMode.PASSPHRASE, passphrase=PASSPHRASE)[0])
    assert not (folder / "key").exists()
    with pytest.raises(VaultLockedError):
        Vault.open(folder)
    for wrong in ("", "Correct horse battery", PASSPHRASE + " "):
        with pytest.raises(KeyWrongError):
            Vault.open(folder, wrong)
    assert content(Vault.open(folder, PASSPHRASE)) == b"content"


def test_passphrase_is_the_same_on_every_keyboard(folder: Path) -> None:
    """An ü may be one code point or two."""
    Vault.create(folder, KeyMode.PASSPHRASE, passphrase="grüne Pforte 7")
    Vault.open(folder, "gru\u0308ne Pforte 7")


def test_short_passphrase(folder: Path) -> None:
    """It is refused, and nothing is there that would have to be opened with it."""
    for short in ("elevenchars", "", None):
        with pytest.raises(KeyWrongError):
            Vault.create(folder, KeyMode.PASSPHRASE, passphrase=short)
    Vault.create(folder)


def test_key_elsewhere(folder: Path, tmp_path: Path) -> None:
    """The vault opens while the other disk is there."""
    elsewhere = tmp_path / "stick" / "plate_gate.key"
    elsewhere.parent.mkdir()
    filled(Vault.create(folder, KeyMode.EXTERNAL, external=elsewhere)[0])
    assert KeyStore(folder).external == elsewhere
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    assert not (folder / "key").exists()
    assert content(Vault.open(folder)) == b"content"

    # A key that is there is used: two sites may share a stick.
    other = Vault.create(tmp_path / "other", KeyMode.EXTERNAL, external=elsewhere)[0]
    assert other.derive("x") != Vault.open(folder).derive("x")

    elsewhere.rename(tmp_path / "gone")
    with pytest.raises(KeyMissingError):
        Vault.open(folder)
    with pytest.raises(KeyMissingError):
        Vault.create(tmp_path / "third", KeyMode.EXTERNAL)


@pytest.mark.parametrize("before", KeyMode)
@pytest.mark.parametrize("after", KeyMode)
def test_key_moves(
    folder: Path, tmp_path: Path, before: KeyMode, after: KeyMode
) -> None:
    """From any place to any other; the recovery code stays what it was."""
    options: dict[KeyMode, dict[str, Any]] = {
        KeyMode.FILE: {},
        KeyMode.PASSPHRASE: {"passphrase": PASSPHRASE},
        KeyMode.EXTERNAL: {"external": tmp_path / "elsewhere"},
    }
    vault, code = Vault.create(folder, before, **options[before])
    filled(vault)
    keys = KeyStore(folder)
    keys.change(vault.master, after, **options[after])

    assert keys.mode is after
    assert (folder / "key").exists() == (after is KeyMode.FILE)
    passphrase = PASSPHRASE if after is KeyMode.PASSPHRASE else None
    assert content(Vault.open(folder, passphrase)) == b"content"
    master = keys.unlock_by_recovery(code)
    assert content(Vault.open_with(folder, master)) == b"content"


def test_leftovers_of_a_power_failure(
    folder: Path,
) -> None:
    """No old key stays beside the data, whenever the power failed while it moved."""
    vault = filled(Vault.create(folder)[0])
    keys = KeyStore(folder)
    key = (folder / "key").read_bytes()
    old = (folder / "keys.json").read_bytes()
    keys.change(vault.master, KeyMode.PASSPHRASE, passphrase=PASSPHRASE)
    (folder / "key").write_bytes(key)
    for name in ("keys.json.made", "keys.json.new", "key.new", "keys.json.made.new"):
        (folder / name).write_bytes(old)

    for wrong in (None, "wrong horse battery"):
        with pytest.raises((KeyWrongError, VaultLockedError)):
            Vault.open(folder, wrong)
    assert (folder / "key").exists()
    assert content(Vault.open(folder, PASSPHRASE)) == b"content"
    assert {path.name for path in folder.iterdir()} == {
        "anchor",
        "keys.json",
        "thing.sealed",
    }


def test_recovery_code(folder: Path, tmp_path: Path) -> None:
    """It may be typed as people type; a slip is told from nothing else."""
    vault, code = Vault.create(folder, KeyMode.PASSPHRASE, passphrase=PASSPHRASE)
    filled(vault)
    keys = KeyStore(folder)
    assert [len(group) for group in code.split("-")] == [5] * 6
    plain = code.replace("-", "")
    for typed in (
        code,
        code.lower(),
        plain,
        " ".join(plain),
        plain.replace("0", "O").replace("1", "l"),
    ):
        assert content(Vault.open_with(folder, keys.unlock_by_recovery(typed)))
    slip = ("A" if code[0] != "A" else "B") + code[1:]
    other = Vault.create(tmp_path / "other")[1]
    for wrong in (slip, code[:-1], "", "U" * 30, other, "Z" * 26 + "0000"):
        with pytest.raises(KeyWrongError):
            keys.unlock_by_recovery(wrong)

    new = keys.new_recovery_code(vault.master)
    with pytest.raises(KeyWrongError):
        keys.unlock_by_recovery(code)
    keys.unlock_by_recovery(new)
    Vault.open(folder, PASSPHRASE)
    assert plain.encode() not in (folder / "keys.json").read_bytes()


def test_damaged_keys_are_no_way_in(folder: Path) -> None:
    """What says where the key is may be changed, and opens nothing then."""
    _, code = Vault.create(folder, KeyMode.PASSPHRASE, passphrase=PASSPHRASE)
    path = folder / "keys.json"
    keys = json.loads(path.read_bytes())
    changes: list[dict[str, Any]] = [
        {"passphrase": None},
        {"passphrase": {}},
        {"passphrase": {**keys["passphrase"], "salt": "zz"}},
        {"passphrase": {**keys["passphrase"], "memory": 9}},
        {"passphrase": {**keys["passphrase"], "passes": 0}},
        {"check": ""},
        {"mode": "file"},
        {"mode": "external", "external": 7},
        {"store_id": "00" * 16},
    ]
    for changed in changes:
        path.write_text(json.dumps({**keys, **changed}))
        with pytest.raises((KeyMissingError, KeyWrongError)):
            Vault.open(folder, PASSPHRASE)
    for broken in (None, {}, {"salt": "", "sealed": "00"}):
        path.write_text(json.dumps({**keys, "recovery": broken}))
        with pytest.raises(KeyWrongError):
            KeyStore(folder).unlock_by_recovery(code)


def test_keys_do_not_leave() -> None:
    """Neither a key nor what seals with it prints, and none is pickled."""
    key = MasterKey(b"secret".ljust(32))
    assert "secret" not in f"{key!r} {key} {Sealer(bytes(32))!r}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.deepcopy(key)
    with pytest.raises(KeyWrongError):
        MasterKey(b"short")


def test_purposes_have_keys_of_their_own() -> None:
    """No key tells anything of another one."""
    keys = {
        derive(master, purpose, store)
        for master in (bytes(32), b"m" * 32)
        for purpose in ("a", "b")
        for store in (b"1", b"2")
    }
    assert len(keys) == 8
    assert derive(bytes(32), "a", b"1") in keys


def test_sealed_about_something_else() -> None:
    """A seal holds for what it was made about, and no nonce comes twice."""
    sealer = Sealer(bytes(32))
    sealed = {sealer.seal(b"row", b"1") for _ in range(1000)}
    assert len({one[:12] for one in sealed}) == 1000
    assert sealer.open(sealed.pop(), b"1") == b"row"
    for wrong in (b"", b"short", bytes(40)):
        with pytest.raises(StoreDamagedError):
            sealer.open(wrong, b"1")
    with pytest.raises(StoreDamagedError):
        sealer.open(sealed.pop(), b"2")


def test_plates_are_found_by_their_digest() -> None:
    """Only with the key: that is all it hides, as there are so few plates."""
    index = PlateIndex(b"k" * 32)
    plate = Plate("AB12 CDE")
    index.add(plate, "a1")
    index.add(Plate("KN18RTX"), "b2")
    assert index.get(Plate("ab-12-cde")) == "a1"
    assert index.get(Plate("AB12CDF")) is None
    assert len(index) == 2
    assert repr(index) == "PlateIndex(2 plates)"
    assert PlateIndex(b"x" * 32).digest(plate) != index.digest(plate)
    index.remove(plate)
    index.remove(plate)
    assert index.get(plate) is None
