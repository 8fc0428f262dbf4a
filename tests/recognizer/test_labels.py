"""Reading labeled photographs, as people write labels and name files."""

from pathlib import Path

import pytest

from plate_gate_recognizer.errors import BenchError
from plate_gate_recognizer.geometry import Box
from plate_gate_recognizer.labels import Plate, groups_of

LINE = "1.jpg\t150\t380\t180\t40\tAB12CDE"
PLATE = Plate("AB12CDE", Box(150, 380, 330, 420))


def write(file: Path, content: str | bytes = "") -> None:
    """Write a file, and the folders that lead to it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        f"{LINE}\n",
        f"{LINE}\r\n\r\n",
        b"\xef\xbb\xbf" + LINE.encode(),
        LINE.lower(),
        LINE.replace("AB12CDE", "AB12 cde"),
        LINE.replace("AB12CDE", "AB-12-CDE "),
        LINE.replace("\t", " "),
        LINE.replace("150", "150.0"),
        b"\xe9t\xe9" + LINE.encode(),
        f"{LINE}\tand more",
    ],
)
def test_label(tmp_path: Path, content: str | bytes) -> None:
    """A label is understood however its line ends and its text is written."""
    write(tmp_path / "1.jpg")
    write(tmp_path / "1.txt", content)
    (example,) = groups_of(tmp_path)[""]
    assert example.picture.name == "1.jpg"
    assert example.plates == (PLATE,)


def test_several_plates(tmp_path: Path) -> None:
    """Each line is a plate."""
    write(tmp_path / "1.jpg")
    write(tmp_path / "1.txt", f"{LINE}\n\n1.jpg\t1\t2\t3\t4\tKN18RTX\n")
    (example,) = groups_of(tmp_path)[""]
    assert example.plates == (PLATE, Plate("KN18RTX", Box(1, 2, 4, 6)))


@pytest.mark.parametrize(
    "content",
    ["", "\n", "1.jpg\tfar left", LINE.replace("150", "nan"), "1.jpg\t1\t2\t3\t4\t- "],
)
def test_label_makes_no_sense(tmp_path: Path, content: str) -> None:
    """A label that cannot be understood is named."""
    write(tmp_path / "7.jpg")
    write(tmp_path / "7.txt", content)
    with pytest.raises(BenchError, match=r"The label 7\.txt cannot be understood"):
        groups_of(tmp_path)


@pytest.mark.parametrize("name", ["1.jpg", "1.JPG", "1.jpeg", "1.Jpeg", "1.png"])
def test_names(tmp_path: Path, name: str) -> None:
    """Upper case and the usual suffixes are fine."""
    write(tmp_path / name)
    write(tmp_path / "1.TXT", LINE)
    (example,) = groups_of(tmp_path)[""]
    assert example.picture.name == name


def test_name_twice(tmp_path: Path) -> None:
    """Two pictures that would have the same label are named."""
    for name in ("1.jpg", "1.png"):
        write(tmp_path / name)
    write(tmp_path / "1.txt", LINE)
    with pytest.raises(BenchError, match=r"1\.jpg and 1\.png would share"):
        groups_of(tmp_path)


def test_folders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Folders are looked through however deep; what is hidden or no pair is left out."""
    for folder in ("", "us", "end/to/eu", ".git"):
        write(tmp_path / folder / "1.jpg")
        write(tmp_path / folder / "1.txt", LINE)
    write(tmp_path / "us" / "._1.txt", "what a Mac leaves behind")
    write(tmp_path / "us" / "README.txt", "Measure only.")
    write(tmp_path / "us" / "2.png")
    write(tmp_path / "empty" / "notes.md")
    (tmp_path / "us" / "round").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "us")
    groups = groups_of(tmp_path)
    assert list(groups) == ["", "end/to/eu", "link", "us"]
    assert [len(examples) for examples in groups.values()] == [1, 1, 1, 1]
    assert "Pictures without a label, left out: 2" in caplog.text


def test_nothing_to_measure(tmp_path: Path) -> None:
    """A folder without labeled pictures, and no folder at all, are said to be so."""
    write(tmp_path / "1.jpg")
    with pytest.raises(BenchError, match="no pictures with labels"):
        groups_of(tmp_path)
    with pytest.raises(BenchError, match="no folder"):
        groups_of(tmp_path / "absent")
