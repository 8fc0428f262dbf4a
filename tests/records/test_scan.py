"""Plates that are looked for in files: each form is found, and told without the plate."""

import base64
import gzip
import hashlib
import io
import os
from pathlib import Path
import sqlite3
import tarfile

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.plate_gate.models import Plate
from custom_components.plate_gate.records.scan import Form, Hit, Scanner

PLATE = "KN18RTXQ"
OTHERS = [Plate(f"AB12C{n:03}") for n in range(500)]
SCANNER = Scanner([Plate(PLATE), *OTHERS])
NOISE = b"The gate opened for Anna's car at 12:00:00; vehicle 0123456789abcdef. " * 40

WRITTEN = {
    "raw": (PLATE.encode(), Form.TEXT),
    "lower": (PLATE.lower().encode(), Form.TEXT),
    "mixed": (b"Kn18rTxQ", Form.TEXT),
    "spaced": (b"KN18 RTX Q", Form.TEXT),
    "dashed": (b"kn-18-rtxq", Form.TEXT),
    "dotted": ("KN·18·RTXQ".encode(), Form.TEXT),
    "utf-16": (PLATE.encode("utf-16-le"), Form.TEXT),
    "utf-16-be": (PLATE.encode("utf-16-be"), Form.TEXT),
    **{
        f"base64 at {before}": (
            base64.b64encode(b"x" * before + PLATE.encode() + b"rest"),
            Form.BASE64,
        )
        for before in range(4)
    },
    "base64 of lower": (base64.b64encode(PLATE.lower().encode()), Form.BASE64),
    "sha256": (hashlib.sha256(PLATE.encode()).hexdigest().encode(), Form.SHA256),
    "sha256 of lower": (
        hashlib.sha256(PLATE.lower().encode()).hexdigest().upper().encode(),
        Form.SHA256,
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_form_is_found(name: str) -> None:
    """Between other things, alone, at the beginning and at the end."""
    written, form = WRITTEN[name]
    for content in (written, NOISE + written + b"!", b"(" + written + b")" + NOISE):
        assert SCANNER.scan_bytes(content, "here") == [Hit("here", form, 1)]


def test_nothing_is_found_where_nothing_is() -> None:
    """Neither in text nor in noise, nor in what is nearly a plate."""
    near = b"KN18RTX KN18RTYQ XKN18RT"
    for content in (b"", b"K", NOISE, near, os.urandom(300_000)):
        assert SCANNER.scan_bytes(content, "here") == []


@given(
    st.binary(max_size=200), st.sampled_from(sorted(WRITTEN)), st.binary(max_size=99)
)
@settings(deadline=None)
def test_found_among_anything(before: bytes, name: str, after: bytes) -> None:
    """Whatever bytes are around it, as long as they do not go on with it."""
    written, form = WRITTEN[name]
    found = SCANNER.scan_bytes(before + b"!!" + written + b"!!" + after, "here")
    assert form in {hit.form for hit in found}


def test_found_at_the_seams_of_large_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each once, wherever two chunks meet."""
    monkeypatch.setattr("custom_components.plate_gate.records.scan._CHUNK", 9000)
    path = tmp_path / "log"
    for at in (0, 4890, 4904, 8990, 9000, 8996, 17_997, 26_000):
        path.write_bytes(b"." * at + b"!" + PLATE.encode() + b"!" * (27_000 - at))
        assert SCANNER.scan([path]) == [Hit(str(path), Form.TEXT, 1)], at
    path.write_bytes((PLATE.encode() + b"!" * 3000) * 9)
    assert SCANNER.scan([path]) == [Hit(str(path), Form.TEXT, 9)]


def test_packed_files(tmp_path: Path) -> None:
    """A backup is a tar of gzipped tars."""
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as archive:
        member = tarfile.TarInfo("data/home-assistant.log")
        member.size = len(NOISE + PLATE.encode())
        archive.addfile(member, io.BytesIO(NOISE + PLATE.encode()))
    outer = tmp_path / "backup.tar"
    with tarfile.open(outer, "w") as archive:
        member = tarfile.TarInfo("homeassistant.tar.gz")
        member.size = len(inner.getvalue())
        archive.addfile(member, io.BytesIO(inner.getvalue()))
    (tmp_path / "old.log.gz").write_bytes(gzip.compress(b"for kn18 rtxq"))
    (tmp_path / "broken.gz").write_bytes(gzip.compress(NOISE)[:-20])
    (tmp_path / "no.gz").write_bytes(b"\x1f\x8b" + NOISE)
    (tmp_path / "no.tar").write_bytes(bytes(257) + b"ustar" + NOISE)
    (tmp_path / "folder").mkdir()

    places = [hit.place.removeprefix(str(tmp_path)) for hit in SCANNER.scan([tmp_path])]
    assert places == [
        # Once as the tar that was unpacked, and once as what is in that.
        "/backup.tar!homeassistant.tar.gz!",
        "/backup.tar!homeassistant.tar.gz!!data/home-assistant.log",
        "/old.log.gz!",
    ]


def test_database_and_its_log(tmp_path: Path) -> None:
    """What was written and what is yet to be."""
    path = tmp_path / "home-assistant_v2.db"
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.execute("create table states (state text)")
    database.commit()
    assert SCANNER.scan([tmp_path]) == []
    database.execute("insert into states values (?)", (PLATE,))
    database.commit()
    assert {Path(hit.place).name for hit in SCANNER.scan([tmp_path])} == {
        "home-assistant_v2.db-wal"
    }
    database.close()
    assert {Path(hit.place).name for hit in SCANNER.scan([tmp_path])} == {
        "home-assistant_v2.db"
    }


def test_plates_of_several_lengths() -> None:
    """Each is found, and none is told."""
    scanner = Scanner([Plate("AB12CDE"), Plate("QRS456XYZ"), Plate("GÖAB123")])
    hits = scanner.scan_bytes(b"ab12cde, QRS 456 XYZ", "here")
    assert hits == [Hit("here", Form.TEXT, 2)]
    assert scanner.scan_bytes("GÖAB123".encode(), "here") != []
    assert repr(scanner) == "Scanner(3 plates)"
    with pytest.raises(ValueError, match="No plate"):
        Scanner([])
