"""The demo's configuration folder: never someone else's, never two at a time."""

import json
from pathlib import Path

import pytest

from demo.configuration import INTEGRATION, ConfigurationFolder, files_with
from demo.errors import DemoError


def test_prepare(tmp_path: Path) -> None:
    """A new folder is made, with the integration linked and loopback only."""
    folder = ConfigurationFolder(tmp_path / "a" / "config")
    folder.prepare(8124)
    link = folder.path / "custom_components" / "plate_gate"
    assert link.resolve() == INTEGRATION
    http = json.loads((folder.path / ".storage" / "http").read_text())
    assert http["data"]["stable"]["server_host"] == ["127.0.0.1"]
    assert http["data"]["stable"]["server_port"] == 8124
    folder.release()


def test_prepare_again(tmp_path: Path) -> None:
    """The demo's own folder is emptied, and what its links lead to is left alone."""
    folder = ConfigurationFolder(tmp_path / "config")
    folder.prepare(8124)
    folder.release()
    (folder.path / ".storage" / "left").write_text("over")
    (folder.path / "left").write_text("over")
    folder.prepare(8124)
    assert not (folder.path / ".storage" / "left").exists()
    assert not (folder.path / "left").exists()
    assert (INTEGRATION / "manifest.json").exists()
    folder.release()


def test_prepare_refuses_a_folder_of_someone_else(tmp_path: Path) -> None:
    """A folder with other files in it is not emptied."""
    (tmp_path / "precious").write_text("text")
    with pytest.raises(DemoError, match="not the demo's"):
        ConfigurationFolder(tmp_path).prepare(8124)
    assert (tmp_path / "precious").read_text() == "text"


def test_prepare_refuses_a_file(tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "file").write_text("text")
    with pytest.raises(DemoError, match="not a folder"):
        ConfigurationFolder(tmp_path / "file").prepare(8124)


def test_prepare_refuses_a_folder_in_use(tmp_path: Path) -> None:
    """Two demos do not share a folder; after the first has ended, it is free."""
    first, second = (ConfigurationFolder(tmp_path / "config") for _ in range(2))
    first.prepare(8124)
    with pytest.raises(DemoError, match="--config"):
        second.prepare(8125)
    first.release()
    second.prepare(8125)
    second.release()


def test_files_with(tmp_path: Path) -> None:
    """A text is found in any case, in any file below, and not behind links."""
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "b.db").write_bytes(b"\x00\xffab12cde\x00")
    (folder / "a").write_text("AB12CD")
    (tmp_path / "outside").write_text("AB12CDE")
    (folder / "link").symlink_to(tmp_path / "outside")
    assert files_with(folder, ["KN18RTX", "AB12CDE"]) == [Path("deep/b.db")]
    assert files_with(folder, []) == []
