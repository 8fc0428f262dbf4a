"""The announcement, heard by a real browser on loopback."""

import asyncio
from collections.abc import AsyncGenerator
from ipaddress import ip_address
from pathlib import Path
import socket
import uuid

import ifaddr
import pytest
from zeroconf import IPVersion, ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from plate_gate_recognizer import __version__, announce
from plate_gate_recognizer.announce import SERVICE_TYPE, Announcer, addresses, make_id

LOOPBACK = "127.0.0.1"
ID = "0123456789abcdef"

type Heard = asyncio.Queue[tuple[ServiceStateChange, str]]


@pytest.fixture
async def browser() -> AsyncGenerator[tuple[AsyncZeroconf, Heard]]:
    """Return who listens, and what is heard."""
    zeroconf = AsyncZeroconf(interfaces=[LOOPBACK], ip_version=IPVersion.V4Only)
    heard: Heard = asyncio.Queue()

    def hear(state_change: ServiceStateChange, name: str, **_: object) -> None:
        heard.put_nowait((state_change, name))

    listening = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE_TYPE, handlers=[hear])
    yield zeroconf, heard
    await listening.async_cancel()
    await zeroconf.async_close()


async def test_announced_and_withdrawn(
    browser: tuple[AsyncZeroconf, Heard], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is needed to connect is told, no more, and taken back in the end."""
    zeroconf, heard = browser
    monkeypatch.setattr(announce, "addresses", lambda host: [LOOPBACK])
    announcer = Announcer(32168, tls=True, token=False, identity=ID)
    keeping = asyncio.create_task(announcer.keep("0.0.0.0"))
    async with asyncio.timeout(30):
        change, name = await heard.get()
        assert change is ServiceStateChange.Added
        assert name == f"Plate Gate recognizer 012345.{SERVICE_TYPE}"
        told = AsyncServiceInfo(SERVICE_TYPE, name)
        assert await told.async_request(zeroconf.zeroconf, 5000)
        assert told.port == 32168
        assert told.parsed_addresses() == [LOOPBACK]
        assert told.decoded_properties == {
            "version": __version__,
            "tls": "1",
            "token": "0",
            "id": ID,
        }
        assert told.server == f"plate-gate-{ID}.local."
        keeping.cancel()
        await asyncio.wait([keeping])
        while (await heard.get())[0] is not ServiceStateChange.Removed:
            pass


async def test_other_addresses(
    browser: tuple[AsyncZeroconf, Heard], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that is not in the network yet is announced when it is."""
    _, heard = browser
    now: list[str] = []
    monkeypatch.setattr(announce, "addresses", lambda host: list(now))
    announcer = Announcer(32168, tls=False, token=True, identity=ID)
    keeping = asyncio.create_task(announcer.keep("0.0.0.0", 0.01))
    async with asyncio.timeout(30):
        await asyncio.sleep(0.05)
        assert heard.empty()
        now.append(LOOPBACK)
        assert (await heard.get())[0] is ServiceStateChange.Added
        now.clear()
        while (await heard.get())[0] is not ServiceStateChange.Removed:
            pass
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_no_network(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If it cannot be announced that is told once, and tried on."""
    monkeypatch.setattr(announce, "addresses", lambda host: [LOOPBACK])
    tried = asyncio.Semaphore(0)

    async def refuse(self: Announcer, addresses: list[str]) -> None:
        tried.release()
        raise OSError("of 203.0.113.7")

    monkeypatch.setattr(Announcer, "announce", refuse)
    announcer = Announcer(1, tls=False, token=False, identity=ID)
    keeping = asyncio.create_task(announcer.keep("0.0.0.0", 0.001))
    for _ in range(3):
        await tried.acquire()
    keeping.cancel()
    await asyncio.wait([keeping])
    said = [r.getMessage() for r in caplog.records if r.name == announce.__name__]
    assert said == ["The service is not announced: OSError"]


def test_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that others reach are told, the main one first, but none of containers."""

    def adapter(name: str, *ips: str) -> ifaddr.Adapter:
        return ifaddr.Adapter(
            name,
            name,
            [
                ifaddr.IP(ip if ip_address(ip).version == 4 else (ip, 0, 0), 24, name)
                for ip in ips
            ],
        )

    adapters = [
        adapter("lo", "127.0.0.1", "::1"),
        adapter("eth1", "10.0.0.2"),
        adapter("docker0", "172.17.0.1"),
        adapter("eth0", "192.0.2.5", "2001:db8::5"),
    ]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters)
    monkeypatch.setattr(announce, "_main_address", lambda: "192.0.2.5")
    assert addresses("0.0.0.0") == ["192.0.2.5", "10.0.0.2"]
    assert addresses("::") == ["192.0.2.5", "10.0.0.2"]
    assert addresses("10.0.0.2") == ["10.0.0.2"]
    assert addresses("127.0.0.1") == []
    assert addresses("::1") == []


def test_id(tmp_path: Path) -> None:
    """It is the same after a restart, and tells nothing of what it was made of."""
    file = tmp_path / "machine-id"
    file.write_text("d41d8cd98f00b204e9800998ecf8427e\n", "ascii")
    one = make_id(32168, file)
    assert make_id(32168, file) == one
    assert make_id(32169, file) != one
    assert len(one) == 16
    assert int(one, 16)
    assert one not in file.read_text("ascii")


def test_id_without_machine_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container it is made of the hardware address, if there is one."""
    absent = tmp_path / "absent"
    monkeypatch.setattr(uuid, "getnode", lambda: 0x001122334455)
    one = make_id(32168, absent)
    assert make_id(32168, absent) == one
    assert "334455" not in one
    prepared = tmp_path / "prepared"
    prepared.write_text("uninitialized\n", "ascii")
    assert make_id(32168, prepared) == one
    # Python makes one up where it finds none.
    monkeypatch.setattr(uuid, "getnode", lambda: 0x011122334455)
    assert make_id(32168, absent) != make_id(32168, absent)


def test_no_host_name() -> None:
    """The machine's name is in nothing that is told."""
    announcer = Announcer(1, tls=False, token=False, identity=ID)
    info = announcer._info([LOOPBACK])
    told = f"{info.name} {info.server} {info.decoded_properties}".lower()
    assert socket.gethostname().lower() not in told
