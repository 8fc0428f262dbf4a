"""How a camera is reached, and what people type for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
import re
from typing import Any, Final, NamedTuple, Self
from urllib.parse import unquote

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME, CONF_VERIFY_SSL

from ..const import CONF_CAMERA_ENTITY, CONF_FPS, CONF_TRANSPORT, CONF_TRUST_STAMPS
from ..errors import CameraAddressError

TRANSPORTS: Final = ("tcp", "udp")
RTSP_SCHEMES: Final = ("rtsp", "rtsps")
HTTP_SCHEMES: Final = ("http", "https")
DEFAULT_FPS: Final = 5.0

_HOST = re.compile(r"(\[[0-9A-Fa-f:.%\w]+\]|[^\s\[\]@:/?#]+)(:\d{1,5})?(?=[/?#]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """How a camera is reached: by its entity, or by its address.

    Raises:
        CameraAddressError: There is neither or there are both, or the address, the user
            name or the transport is none that can be used.

    """

    entity_id: str | None = None
    url: str | None = field(default=None, repr=False)
    """The address, without user name and password."""
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    transport: str = "tcp"
    """How RTSP carries pictures: "tcp" or "udp"."""
    verify_ssl: bool = True
    fps: float = DEFAULT_FPS
    """Frames per second that are handed on, at most."""
    trust_stamps: bool = True
    """Whether the time stamps of a stream tell when its pictures were taken."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if bool(self.entity_id) == bool(self.url):
            raise CameraAddressError
        if self.url and split_address(self.url).username is not None:
            raise CameraAddressError
        if self.transport not in TRANSPORTS or self.fps <= 0:
            raise CameraAddressError
        if self.username and ":" in self.username:
            # Neither the basic nor the digest scheme can carry it.
            raise CameraAddressError

    @property
    def scheme(self) -> str:
        """The scheme of the address in small letters; empty for an entity."""
        return (self.url or "").partition(":")[0].lower()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Take settings from a form or from what a form has stored.

        A user name and a password within the address are split off; those in their own
        fields go before them.

        Raises:
            CameraAddressError: The camera cannot be reached like this.

        """
        entity_id = data.get(CONF_CAMERA_ENTITY) or None
        address = split_address(data[CONF_URL]) if data.get(CONF_URL) else Address(None)
        return cls(
            entity_id=entity_id,
            url=address.url,
            username=data.get(CONF_USERNAME) or address.username or None,
            password=data.get(CONF_PASSWORD) or address.password or None,
            transport=data.get(CONF_TRANSPORT, "tcp"),
            verify_ssl=data.get(CONF_VERIFY_SSL, True),
            fps=float(data.get(CONF_FPS, DEFAULT_FPS)),
            trust_stamps=data.get(CONF_TRUST_STAMPS, True),
        )

    def as_data(self) -> dict[str, Any]:
        """Return what `from_data` takes; what is not set is left out."""
        data = {
            CONF_CAMERA_ENTITY: self.entity_id,
            CONF_URL: self.url,
            CONF_USERNAME: self.username,
            CONF_PASSWORD: self.password,
            CONF_TRANSPORT: self.transport,
            CONF_VERIFY_SSL: self.verify_ssl,
            CONF_FPS: self.fps,
            CONF_TRUST_STAMPS: self.trust_stamps,
        }
        return {key: value for key, value in data.items() if value is not None}


class Address(NamedTuple):
    """An address in its parts."""

    url: str | None
    """Without user name and password."""
    username: str | None = None
    password: str | None = None


def split_address(typed: str) -> Address:
    """Take the user name and the password out of an address.

    People paste addresses as their camera's manual shows them, with passwords that
    should have been percent-encoded and were not. So what looks like an address as it
    should be is read like one; otherwise the user name and the password end at the
    first @ that a host follows.

    Args:
        typed: As it was typed.

    Returns:
        The parts, the user name and the password percent-decoded.

    Raises:
        CameraAddressError: This is no address of a camera.

    """
    scheme, separator, rest = typed.strip().partition("://")
    if not separator or scheme.lower() not in (*RTSP_SCHEMES, *HTTP_SCHEMES):
        raise CameraAddressError
    for begin in _host_candidates(rest):
        if _HOST.match(rest, begin):
            break
    else:
        raise CameraAddressError
    url = f"{scheme.lower()}://{rest[begin:]}"
    if any(character.isspace() for character in url):
        raise CameraAddressError
    if not begin:
        return Address(url)
    username, _, password = rest[: begin - 1].partition(":")
    return Address(url, unquote(username), unquote(password))


def _host_candidates(rest: str) -> list[int]:
    """Return where the host may begin, the likeliest place first."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        return [authority.rindex("@") + 1]
    return [0, *(place + 1 for place, sign in enumerate(rest) if sign == "@")]
