"""Announces the service in the network by zeroconf, so that nobody has to type it in.

It tells what is needed to connect, and nothing of the machine: its name is not told,
and the id cannot be traced back to what it was made of.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
import hmac
import importlib.util
from ipaddress import ip_address
import logging
from pathlib import Path
import secrets
import socket
from typing import TYPE_CHECKING, Final
import uuid

from . import __version__

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

_LOGGER = logging.getLogger(__name__)

SERVICE_TYPE: Final = "_plate-gate._tcp.local."
LOOK_SECONDS: Final = 60.0
"""How often to look whether this machine has got other addresses."""

_MACHINE_ID: Final = Path("/etc/machine-id")
_MACHINE_ID_LENGTH: Final = 32
_ID_LENGTH: Final = 16
_MULTICAST_BIT: Final = 1 << 40
"""Set in what stands in for a hardware address that cannot be found out."""
_VIRTUAL: Final = ("docker", "br-", "veth", "virbr", "hassio", "tun", "tap", "wg")
"""How interfaces are called that lead to containers and the like, not to the house."""


def is_possible() -> bool:
    """Tell whether the package zeroconf is installed."""
    return importlib.util.find_spec("zeroconf") is not None


def make_id(port: int, machine_id: Path = _MACHINE_ID) -> str:
    """Return what tells this service from others, today and after a restart.

    It is made of the machine's id, or its hardware address, but does not disclose it.

    Args:
        port: Tells services on one machine from each other.
        machine_id: The file in which systemd and D-Bus keep the machine's id.

    """
    secret = ""
    with suppress(OSError, ValueError):
        # In an image it may say "uninitialized", which would be the same everywhere.
        if len(told := machine_id.read_text("ascii").strip()) == _MACHINE_ID_LENGTH:
            secret = told
    if not secret and not (node := uuid.getnode()) & _MULTICAST_BIT:
        secret = f"{node:012x}"
    if not secret:
        return secrets.token_hex(_ID_LENGTH // 2)
    message = f"plate-gate-recognizer {port}".encode()
    return hmac.new(secret.encode(), message, sha256).hexdigest()[:_ID_LENGTH]


def addresses(host: str) -> list[str]:
    """Return the addresses under which others reach a service, the likeliest first.

    Args:
        host: The address that it listens on.

    Returns:
        IPv4 addresses; none if it can be reached from this machine only.

    """
    # It comes with zeroconf.
    import ifaddr  # noqa: PLC0415

    listening = ip_address(host)
    if not listening.is_unspecified:
        return [host] if listening.version == 4 and not listening.is_loopback else []
    found = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        if not adapter.name.startswith(_VIRTUAL)
        for ip in adapter.ips
        if ip.is_IPv4 and not ip_address(str(ip.ip)).is_loopback
    ]
    main = _main_address()
    return sorted(found, key=lambda address: address != main)


def _main_address() -> str | None:
    """Return the address that this machine would send an announcement from."""
    with (
        suppress(OSError),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward,
    ):
        # Nothing is sent by this.
        outward.connect(("224.0.0.251", 5353))
        return str(outward.getsockname()[0])
    return None


class Announcer:
    """Announces one service, and withdraws that in the end."""

    def __init__(self, port: int, *, tls: bool, token: bool, identity: str) -> None:
        """Prepare what will be told.

        Args:
            port: Where the service listens.
            tls: Whether it speaks TLS.
            token: Whether it wants a token.
            identity: What tells it from others.

        """
        self._port = port
        self._identity = identity
        self._told = {
            "version": __version__,
            "tls": str(int(tls)),
            "token": str(int(token)),
            "id": identity,
        }
        self._zeroconf: AsyncZeroconf | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def keep(self, host: str, seconds: float = LOOK_SECONDS) -> None:
        """Announce it, also under addresses that the machine gets later.

        It goes on until it is cancelled, and withdraws the announcement then.

        Args:
            host: The address that the service listens on.
            seconds: How often to look for other addresses.

        """
        told: list[str] = []
        failing = False
        try:
            while True:
                now = addresses(host)
                if now != told:
                    await self.withdraw()
                    told = []
                    try:
                        await self.announce(now)
                        told, failing = now, False
                    except Exception as err:  # noqa: BLE001
                        # The network may be down, or port 5353 be taken by somebody
                        # who does not share; reading goes on without.
                        if not failing:
                            _LOGGER.warning(
                                "The service is not announced: %s", type(err).__name__
                            )
                        failing = True
                        await self.withdraw()
                await asyncio.sleep(seconds)
        finally:
            await self.withdraw()

    async def announce(self, addresses: Sequence[str]) -> None:
        """Announce the service under some addresses of this machine, if there are any.

        Raises:
            OSError: The network does not let us.
            zeroconf.Error: Somebody else uses the name.

        """
        if not addresses:
            return
        # It takes time to import, and is not everywhere.
        from zeroconf import IPVersion  # noqa: PLC0415
        from zeroconf.asyncio import AsyncZeroconf  # noqa: PLC0415

        self._zeroconf = AsyncZeroconf(
            interfaces=list(addresses), ip_version=IPVersion.V4Only
        )
        registered = await self._zeroconf.async_register_service(
            self._info(addresses), allow_name_change=True
        )
        await registered

    async def withdraw(self) -> None:
        """Tell that the service is gone, if it was announced."""
        if self._zeroconf is not None:
            self._leaving = asyncio.create_task(_leave(self._zeroconf))
            self._zeroconf = None
        if self._leaving is not None:
            # It is finished even if we are cancelled; then somebody calls this again.
            await asyncio.shield(self._leaving)

    def _info(self, addresses: Sequence[str]) -> "AsyncServiceInfo":
        from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

        return AsyncServiceInfo(
            SERVICE_TYPE,
            f"Plate Gate recognizer {self._identity[:6]}.{SERVICE_TYPE}",
            port=self._port,
            properties=self._told,
            parsed_addresses=list(addresses),
            # The machine's own name is nobody's business.
            server=f"plate-gate-{self._identity}.local.",
        )


async def _leave(zeroconf: "AsyncZeroconf") -> None:
    with suppress(OSError):
        await zeroconf.async_unregister_all_services()
    await zeroconf.async_close()
