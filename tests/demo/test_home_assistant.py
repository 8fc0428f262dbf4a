"""The demo's process of Home Assistant: where it may serve, and that it ends."""

import os
from pathlib import Path
import select
import signal
import socket
import subprocess
import sys

import pytest

from demo.configuration import ConfigurationFolder
from demo.errors import DemoError
from demo.home_assistant import HomeAssistant, free_port

LEASH = Path(__file__).parents[2] / "demo" / "leash.py"

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, sys.argv[1], "/bin/sh", "-c", "echo up; cat"],
                         stdin=subprocess.PIPE, start_new_session=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a leash")
def test_leash() -> None:
    """What was started with the leash ends when its parent is killed."""
    read, write = os.pipe()
    parent = subprocess.Popen([sys.executable, "-c", PARENT, LEASH], stdout=write)
    os.close(write)
    try:
        assert os.read(read, 3) == b"up\n"
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        # The pipe closes when the last process that could write to it has ended.
        assert select.select([read], [], [], 10)[0]
        assert os.read(read, 1) == b""
    finally:
        parent.kill()
        parent.wait()
        os.close(read)


async def test_port_in_use(tmp_path: Path) -> None:
    """A port that is taken is a plain message, and nothing is written."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        folder = ConfigurationFolder(tmp_path / "config")
        with pytest.raises(DemoError, match=f"Port {port} is not free"):
            async with HomeAssistant(folder, port):
                pass
    assert not folder.path.exists()


def test_free_port() -> None:
    """A free port can be listened on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
