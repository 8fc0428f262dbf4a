"""The certificate: what is right, and how what is wrong is told."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
import shutil
import ssl

import pytest

from plate_gate_recognizer.errors import ConfigurationError
from plate_gate_recognizer.tls import Certificate

from .certificates import certificate

PAST = timedelta(days=-2)


async def serial(context: ssl.SSLContext) -> str:
    """Connect to a server with this context, and return the certificate's number."""
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context
    )
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting)
    told = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    server.close()
    return str(hash(told))


def test_good(tmp_path: Path) -> None:
    """A certificate with its key is taken, with a version of TLS that is safe."""
    context = Certificate(*certificate(tmp_path)).context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def absent(chain: Path, key: Path) -> None:
    """Take the certificate away."""
    chain.unlink()


def key_absent(chain: Path, key: Path) -> None:
    """Take the key away."""
    key.unlink()


def folder(chain: Path, key: Path) -> None:
    """Put a folder in the certificate's place."""
    chain.unlink()
    chain.mkdir()


def exchanged(chain: Path, key: Path) -> None:
    """Put the one in the place of the other."""
    content = chain.read_bytes()
    chain.write_bytes(key.read_bytes())
    key.write_bytes(content)


def garbled(chain: Path, key: Path) -> None:
    """Write something else."""
    chain.write_text("no certificate", "utf-8")


def other_key(chain: Path, key: Path) -> None:
    """Put the key of another certificate there."""
    _, other = certificate(chain.parent / "other")
    shutil.copy(other, key)


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (absent, r"Cannot read .*cert\.pem: No such file"),
        (key_absent, r"Cannot read .*key\.pem: No such file"),
        (folder, r"Cannot read .*cert\.pem: Is a directory"),
        (exchanged, "do not hold a certificate and its key"),
        (garbled, "do not hold a certificate and its key"),
        (other_key, r"key\.pem is not that of the certificate"),
    ],
)
def test_harmed(tmp_path: Path, harm: Callable[[Path, Path], None], error: str) -> None:
    """What is wrong with the files is told."""
    chain, key = certificate(tmp_path)
    harm(chain, key)
    with pytest.raises(ConfigurationError, match=error):
        Certificate(chain, key)


def test_not_ours_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is a key that only somebody else may read."""
    chain, key = certificate(tmp_path)
    open_file = Path.open

    def refuse(path: Path, mode: str) -> object:
        # The tests may run as root, who may read everything.
        if path == key:
            raise PermissionError(13, "Permission denied")
        return open_file(path, mode)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigurationError, match=r"key\.pem: Permission denied"):
        Certificate(chain, key)


def test_password(tmp_path: Path) -> None:
    """A key that is locked is told, rather than somebody asked at a terminal."""
    with pytest.raises(ConfigurationError, match="wants a password"):
        Certificate(*certificate(tmp_path, password=b"secret"))


def test_expired(tmp_path: Path) -> None:
    """A certificate that has expired would be refused by everybody."""
    with pytest.raises(ConfigurationError, match="has expired"):
        Certificate(*certificate(tmp_path, begins=2 * PAST, ends=PAST))


def test_not_yet_valid(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One for later is taken: the clock may be what is wrong."""
    Certificate(*certificate(tmp_path, begins=-PAST, ends=-2 * PAST))
    assert "is not valid yet" in caplog.text


async def test_renewed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A renewed certificate is used without a restart, if it is right."""
    chain, key = certificate(tmp_path)
    one = Certificate(chain, key)
    before = await serial(one.context)
    assert not one.refresh()

    fresh_chain, fresh_key = certificate(tmp_path / "fresh")
    shutil.copy(fresh_chain, chain)
    assert not one.refresh()
    assert "is not used" in caplog.text
    assert await serial(one.context) == before

    shutil.copy(fresh_key, key)
    keeping = asyncio.create_task(one.keep_fresh(0.001))
    async with asyncio.timeout(20):
        while await serial(one.context) == before:
            await asyncio.sleep(0.005)
    keeping.cancel()
    await asyncio.wait([keeping])

    key.unlink()
    assert not one.refresh()
    assert await serial(one.context) != before
