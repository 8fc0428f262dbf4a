"""Measuring, on photographs that are drawn."""

import json
from pathlib import Path
import subprocess
import sys

import pytest

from demo.plate_drawing import draw_plate
from plate_gate_recognizer.bench import measure, table
from plate_gate_recognizer.cli import main
from plate_gate_recognizer.errors import BenchError

from .scene import jpeg, yard

KEYS = {
    "n",
    "exact",
    "exact_o0i1",
    "ed1",
    "detected",
    "false_per_picture",
    "ms_p50",
    "ms_p95",
}


def label(
    folder: Path, name: str, drawn: str, text: str, *others: tuple[str, int, int]
) -> None:
    """Put a picture of a plate, and of others, with its label into a folder.

    Args:
        folder: Where to put it; it is made.
        name: Of the files, without suffix.
        drawn: What stands on the plate.
        text: What the label says.
        others: Text, x and y of plates without a label, half as large.

    """
    folder.mkdir(exist_ok=True)
    x, y, height = 150, 380, 40
    plates = [(other, height // 2, (left, top)) for other, left, top in others]
    scene = yard((drawn, height, (x, y)), *plates)
    (folder / f"{name}.jpg").write_bytes(jpeg(scene))
    width = draw_plate(drawn, height).width
    fields = (f"{name}.jpg", x, y, width, height, text)
    (folder / f"{name}.txt").write_text("\t".join(map(str, fields)) + "\n", "utf-8")


def test_folders(tmp_path: Path) -> None:
    """Each folder has its figures, and all of them together."""
    label(tmp_path / "north", "1", "AB12CDE", "AB12CDE")
    label(tmp_path / "north", "2", "KN18RTX", "KN18RTY", ("7XYZ419", 620, 300))
    label(tmp_path / "south", "1", "W843PQF", "X12345")
    (tmp_path / "empty").mkdir()
    report = measure(tmp_path)
    assert set(report) == {"load_s", "rss_mb", "all", "north", "south"}
    assert isinstance(report["rss_mb"], float)
    assert 50 < report["rss_mb"] < 4000
    everything, north, south = report["all"], report["north"], report["south"]
    assert isinstance(everything, dict)
    assert isinstance(north, dict)
    assert isinstance(south, dict)
    assert set(everything) == KEYS
    assert (everything["n"], north["n"], south["n"]) == (3, 2, 1)
    assert (north["exact"], north["ed1"], north["detected"]) == (0.5, 1, 1)
    assert north["false_per_picture"] == 0.5
    assert (south["exact"], south["ed1"], south["detected"]) == (0, 0, 1)
    assert everything["exact"] == pytest.approx(1 / 3, abs=1e-4)
    assert 0 < everything["ms_p50"] <= everything["ms_p95"]

    lines = table(report).splitlines()
    assert [line.split()[0] for line in lines] == [
        "n",
        "all",
        "north",
        "south",
        "loaded",
    ]


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Pictures directly in the folder are measured, and look-alikes are told apart."""
    label(tmp_path, "1", "B0OK8S5", "B0OK8S5")
    label(tmp_path, "2", "B0OK8S5", "BOOK8S5")
    out = tmp_path / "report.json"
    assert main(["bench", str(tmp_path), "--json", str(out)]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert set(report) == {"load_s", "rss_mb", "all"}
    assert (report["all"]["exact"], report["all"]["exact_o0i1"]) == (0.5, 1)
    assert "false_per_picture" in capsys.readouterr().out


def test_nothing_to_measure(tmp_path: Path) -> None:
    """A folder without labeled pictures, and no folder at all, are said to be so."""
    with pytest.raises(BenchError, match="no pictures"):
        measure(tmp_path)
    with pytest.raises(BenchError, match="no folder"):
        measure(tmp_path / "absent")


def test_name_taken(tmp_path: Path) -> None:
    """A folder cannot have the name under which all pictures are counted."""
    label(tmp_path / "all", "1", "AB12CDE", "AB12CDE")
    with pytest.raises(BenchError, match="named all"):
        measure(tmp_path)


def test_picture_damaged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A photograph that cannot be decoded counts as not read, and is named."""
    label(tmp_path, "1", "AB12CDE", "AB12CDE")
    label(tmp_path, "2", "KN18RTX", "KN18RTX")
    (tmp_path / "2.jpg").write_bytes(b"")
    everything = measure(tmp_path)["all"]
    assert isinstance(everything, dict)
    assert (everything["n"], everything["exact"], everything["detected"]) == (
        2,
        0.5,
        0.5,
    )
    assert everything["ms_p50"] > 0
    assert "2.jpg: The picture is neither JPEG nor PNG" in caplog.text

    (tmp_path / "1.jpg").write_bytes(b"")
    with pytest.raises(BenchError, match="None of the pictures"):
        measure(tmp_path)


def test_picture_damaged_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If nothing can be measured, that is said in one line, and the status tells."""
    label(tmp_path, "1", "AB12CDE", "AB12CDE")
    (tmp_path / "1.jpg").write_bytes(b"")
    assert main(["bench", str(tmp_path)]) == 1
    assert "None of the pictures can be decoded" in capsys.readouterr().err


def test_peak_memory_is_that_of_this_process() -> None:
    """What the process held that started this one does not count."""
    # Started from one that is large, since `getrusage` would tell of that one.
    code = "from plate_gate_recognizer.bench import peak_memory; print(peak_memory())"
    parent = (
        "import subprocess, sys; large = bytearray(400_000_000);"
        "large[::4096] = bytes(len(large[::4096]));"
        "subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    )
    told = subprocess.run(
        [sys.executable, "-c", parent, code], capture_output=True, text=True, check=True
    )
    assert 10 < float(told.stdout) < 300
