"""Measuring, on photographs that are drawn."""

import json
from pathlib import Path

import pytest

from demo.plate_drawing import draw_plate
from plate_gate_recognizer.bench import distance, measure, table
from plate_gate_recognizer.cli import main
from plate_gate_recognizer.errors import BenchError, PictureError

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


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("", "", 0),
        ("", "AB1", 3),
        ("AB12CDE", "AB12CDE", 0),
        ("AB12CDE", "AB12CE", 1),
        ("AB12CDE", "XAB12CDE", 1),
        ("AB12CDE", "AB13CDF", 2),
        ("ABC", "CAB", 2),
    ],
)
def test_distance(one: str, other: str, steps: int) -> None:
    """Insertions, deletions and replacements count one each, in both directions."""
    assert distance(one, other) == distance(other, one) == steps


def test_nothing_to_measure(tmp_path: Path) -> None:
    """A folder without labeled pictures, and no folder at all, are said to be so."""
    with pytest.raises(BenchError, match="no pictures"):
        measure(tmp_path)
    with pytest.raises(BenchError, match="no folder"):
        measure(tmp_path / "absent")


def test_label_makes_no_sense(tmp_path: Path) -> None:
    """A label that cannot be understood is named."""
    label(tmp_path, "7", "AB12CDE", "AB12CDE")
    (tmp_path / "7.txt").write_text("7.jpg\tfar left", "utf-8")
    with pytest.raises(BenchError, match=r"7\.txt"):
        measure(tmp_path)


def test_name_taken(tmp_path: Path) -> None:
    """A folder cannot have the name under which all pictures are counted."""
    label(tmp_path / "all", "1", "AB12CDE", "AB12CDE")
    with pytest.raises(BenchError, match="named all"):
        measure(tmp_path)


def test_picture_damaged(tmp_path: Path) -> None:
    """A photograph that cannot be decoded ends the measurement by its name."""
    label(tmp_path, "1", "AB12CDE", "AB12CDE")
    (tmp_path / "1.jpg").write_bytes(b"")
    with pytest.raises(PictureError, match=r"1\.jpg"):
        measure(tmp_path)
