"""The command line for people."""

import json
from pathlib import Path

import pytest

from plate_gate_recognizer import __version__
from plate_gate_recognizer.cli import main

from .scene import jpeg, yard


def test_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each picture is a line; one that cannot be read does not keep the others."""
    good, empty, bad = tmp_path / "1.jpg", tmp_path / "2.jpg", tmp_path / "3.jpg"
    good.write_bytes(jpeg(yard(("AB12CDE", 40, (380, 300)))))
    empty.write_bytes(jpeg(yard()))
    bad.write_bytes(b"no picture")
    absent = tmp_path / "4.jpg"
    assert main(["read", *map(str, (bad, good, absent, empty))]) == 1
    said = capsys.readouterr()
    first, second = said.out.splitlines()
    assert first.startswith(f"{good}: AB12CDE (")
    assert second == f"{empty}: no plate"
    assert [line.split(": ")[0] for line in said.err.splitlines()] == [
        str(bad),
        str(absent),
    ]


def test_read_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs there are confidence and place as well."""
    picture = tmp_path / "1.jpg"
    picture.write_bytes(jpeg(yard(("AB12CDE", 40, (380, 300)))))
    assert main(["read", "--json", "--threads", "1", str(picture)]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["image"] == str(picture)
    (read,) = found["reads"]
    assert read["plate"] == "AB12CDE"
    assert 0.9 < read["confidence"] <= 1
    left, top, right, bottom = read["box"]
    assert 350 < left < right < 600
    assert 280 < top < bottom < 360


def test_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said in one line."""
    assert main(["bench", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "The folder holds no pictures with labels\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["see"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "http"],
        ["serve", "--threads", "0"],
        ["read"],
    ],
)
def test_misuse(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What makes no sense is answered with how to use it."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage:" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is told."""
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.strip() == __version__
