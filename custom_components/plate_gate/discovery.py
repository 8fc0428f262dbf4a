"""A recognizer that Home Assistant was told of, and where it is known already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
import re
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
from yarl import URL

from .backends import backends_of, create_backend
from .const import DOMAIN
from .errors import BackendAuthError, BackendError, BackendRateLimitedError

_ID: Final = re.compile("[0-9a-f]{8,64}")
"""What a recognizer makes up as its id; so no announcement claims to be an app."""
_APP_PREFIX: Final = "app_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What is said of a recognizer: by itself, or by Home Assistant's Supervisor."""

    recognizer_id: str
    """Tells it from others, wherever it moves."""
    name: str
    """What it calls itself."""
    host: str
    """Its address, as a person would write it."""
    url: str
    hosts: frozenset[str]
    """All that it can be reached by."""
    access: Mapping[str, Any] | None = field(repr=False)
    """What lets one in, as it is stored; None if a person has to say."""
    is_app: bool
    """Whether it is an app of Home Assistant, for which the Supervisor vouches."""

    @classmethod
    def from_service(cls, service: ZeroconfServiceInfo) -> Self | None:
        """Read an announcement in the network, where anyone can say anything.

        Returns:
            None if nobody else could use what it offers.

        """
        recognizer_id = service.properties.get("id") or ""
        addresses = [one for one in service.ip_addresses if _is_reachable(one)]
        if not _ID.fullmatch(recognizer_id) or not addresses or not service.port:
            return None
        # The first one is the one that was heard of last.
        host = str(addresses[0])
        has_certificate = service.properties.get("tls") == "1"
        wants_token = service.properties.get("token") == "1"
        return cls(
            recognizer_id=recognizer_id,
            name=service.name.removesuffix(f".{service.type}"),
            host=host,
            url=_url(host, service.port, has_certificate=has_certificate),
            hosts=frozenset(
                [*map(str, addresses), service.hostname.rstrip(".").lower()]
            ),
            access=None if wants_token or has_certificate else {},
            is_app=False,
        )

    @classmethod
    def from_app(cls, service: HassioServiceInfo) -> Self | None:
        """Read what an app had the Supervisor tell.

        Returns:
            None if it is not whole.

        """
        host = service.config.get("host")
        port = service.config.get("port")
        token = service.config.get("token")
        if not isinstance(host, str) or not isinstance(port, int):
            return None
        try:
            url = _url(host, port, has_certificate=service.config.get("tls") is True)
        except ValueError:
            return None
        # Its certificate is that of the house, which is never made out for the name of
        # a container. The pictures do not leave this machine's own network of apps, and
        # it was the Supervisor that told where in there the app is.
        access: dict[str, Any] = {CONF_VERIFY_SSL: False}
        if isinstance(token, str) and token:
            access[CONF_TOKEN] = token
        return cls(
            # Not the id of the message: who removes the app would remove the site, its
            # lanes and its vehicles with it, and an app that is installed anew would be
            # another one.
            recognizer_id=_APP_PREFIX + service.slug,
            name=service.name,
            host=host,
            url=url,
            hosts=frozenset([host.lower()]),
            access=access,
            is_app=True,
        )

    def is_at(self, url: str) -> bool:
        """Tell whether an address is one of this recognizer."""
        try:
            known = URL(url)
            own = URL(self.url)
        except ValueError:
            return False
        return known.host in self.hosts and known.port == own.port


def _url(host: str, port: int, *, has_certificate: bool) -> str:
    """Put an address together.

    Raises:
        ValueError: Host or port cannot be.

    """
    scheme = "https" if has_certificate else "http"
    return str(URL.build(scheme=scheme, host=host, port=port))


def _is_reachable(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address means the same machine to everybody."""
    return not (
        address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or address.is_multicast
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a backend is stored: with its site, or as a further one of it."""

    entry: ConfigEntry
    key: str
    """The id of the entry, or of the subentry."""
    data: Mapping[str, Any] = field(repr=False)

    @property
    def url(self) -> str:
        """Return its address; nothing if it has none."""
        url: str = self.data.get(CONF_URL, "")
        return url

    @property
    def unique_id(self) -> str | None:
        """Return what it has announced itself as, if it ever did."""
        if subentry := self.entry.subentries.get(self.key):
            return subentry.unique_id
        return self.entry.unique_id

    def is_left_by(self, found: Announcement) -> bool:
        """Tell whether a recognizer that is stored here says that it is elsewhere.

        One that was spoken to by TLS never is where there is none.
        """
        return (
            self.unique_id == found.recognizer_id
            and not found.is_at(self.url)
            and not (URL(self.url).scheme == "https" != URL(found.url).scheme)
        )

    async def async_is_silent(self, hass: HomeAssistant) -> bool:
        """Tell whether there is no recognizer any more where it is known to be."""
        try:
            await create_backend(hass, self.data).ping()
        except BackendAuthError, BackendRateLimitedError:
            # It may do nothing for us, but it is there.
            return False
        except BackendError:
            return True
        return False

    @callback
    def async_change(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Store something else of it from now on, and use that at once."""
        if data == self.data:
            return
        # Only a site that is loaded listens to changes.
        listens = self.entry.state is ConfigEntryState.LOADED
        if subentry := self.entry.subentries.get(self.key):
            hass.config_entries.async_update_subentry(self.entry, subentry, data=data)
        else:
            hass.config_entries.async_update_entry(self.entry, data=data)
        if not listens:
            hass.config_entries.async_schedule_reload(self.entry.entry_id)


@callback
def async_places(hass: HomeAssistant, found: Announcement) -> list[Place]:
    """Return where a recognizer is known, by its address or by what it calls itself."""
    return [
        place
        for place in _places(hass)
        if found.is_at(place.url) or place.unique_id == found.recognizer_id
    ]


def _places(hass: HomeAssistant) -> Iterator[Place]:
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        for key, data in backends_of(entry).items():
            yield Place(entry, key, data)
