"""The demo's command line: faults are one plain line and exit code 1."""

import argparse
import json
from pathlib import Path
import subprocess
import sys

import pytest

from demo.__main__ import _port, _seconds

REPOSITORY = Path(__file__).parents[2]


def demo(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the demo with arguments that end it before it starts Home Assistant."""
    return subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_clip_that_is_none(tmp_path: Path) -> None:
    """A file that is no video is named, without a traceback."""
    clip = tmp_path / "clip.mp4"
    clip.write_text("This is no video.")
    out = tmp_path / "out.json"
    out.write_text('{"opened": true}')
    folder = tmp_path / "config"
    ended = demo("--check", "--clip", clip, "--config", folder, "--json", out)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {clip} cannot be played")
    assert ended.stderr.count("\n") == 1
    assert not folder.exists()
    # A result of an earlier run is not left for this one's.
    assert json.loads(out.read_text()).keys() == {"error"}


def test_result_that_cannot_be_written(tmp_path: Path) -> None:
    """A result that has nowhere to go is noticed before anything is started."""
    out = tmp_path / "missing" / "out.json"
    ended = demo("--check", "--json", out, "--config", tmp_path / "config")
    assert ended.returncode == 1
    assert (
        ended.stderr == f"error: {out} cannot be written: No such file or directory.\n"
    )
    assert not (tmp_path / "config").exists()


def test_options_of_the_check_alone() -> None:
    """What only a check can do is refused without one."""
    ended = demo("--for", "5")
    assert ended.returncode == 2
    assert "need --check" in ended.stderr


@pytest.mark.parametrize("text", ["0", "-1", "soon", "inf", "nan"])
def test_seconds_that_are_none(text: str) -> None:
    """Times that are none are refused."""
    with pytest.raises(argparse.ArgumentTypeError):
        _seconds(text)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http"])
def test_port_that_is_none(text: str) -> None:
    """Ports that are none are refused."""
    with pytest.raises(argparse.ArgumentTypeError):
        _port(text)
