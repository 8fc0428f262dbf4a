"""TLS by a certificate and its key, each in a file."""

import asyncio
import logging
from pathlib import Path
import ssl
from typing import Final, NoReturn

from .errors import ConfigurationError

_LOGGER = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0
"""How often to look whether the certificate was renewed."""

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
"""X509_V_ERR_CERT_NOT_YET_VALID and ..._HAS_EXPIRED of OpenSSL."""
_STEPS_MAX: Final = 10


class Certificate:
    """A certificate with its key, and the context for those who connect."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Load it.

        Args:
            chain: The certificate, and after it those that vouch for it, in PEM.
            key: Its private key, in PEM and without a password.

        Raises:
            ConfigurationError: They cannot be used; the text tells why.

        """
        self._chain, self._key = chain, key
        self._times = self._modified()
        self.context: Final = _context(chain, key)

    async def keep_fresh(self, seconds: float = LOOK_SECONDS) -> None:
        """Load it again whenever the files change, until this is cancelled."""
        while True:
            await asyncio.sleep(seconds)
            self.refresh()

    def refresh(self) -> bool:
        """Load it again if the files have changed; tell whether it was.

        If they are not right, because both are not yet written, the old one stays.
        """
        try:
            if (times := self._modified()) == self._times:
                return False
            _context(self._chain, self._key)
            self.context.load_cert_chain(self._chain, self._key)
        except (ConfigurationError, OSError) as err:
            _LOGGER.warning("The new certificate is not used: %s", err)
            return False
        self._times = times
        return True

    def _modified(self) -> list[int]:
        return [_modified(path) for path in (self._chain, self._key)]


def _modified(path: Path) -> int:
    """Return when a file was changed, and find out whether it can be read.

    Raises:
        ConfigurationError: It cannot.

    """
    try:
        with path.open("rb"):
            return path.stat().st_mtime_ns
    except OSError as err:
        raise ConfigurationError(f"Cannot read {path}: {err.strerror}") from None


def _context(chain: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def refuse_to_ask() -> NoReturn:
        # OpenSSL would wait for somebody at the terminal.
        raise ConfigurationError(f"The key in {key} wants a password")

    try:
        context.load_cert_chain(chain, key, password=refuse_to_ask)
        _check_dates(context, chain)
    except ssl.SSLError as err:
        if err.reason == "KEY_VALUES_MISMATCH":
            raise ConfigurationError(
                f"The key in {key} is not that of the certificate in {chain}"
            ) from None
        raise ConfigurationError(
            f"{chain} and {key} do not hold a certificate and its key in PEM"
        ) from None
    return context


def _check_dates(context: ssl.SSLContext, chain: Path) -> None:
    """Connect to the context in memory, as a client that trusts this certificate.

    It is the one way to learn the dates of a certificate from the standard library.

    Raises:
        ConfigurationError: The certificate has expired.
        SSLError: Nobody can connect.

    """
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    trusting.load_verify_locations(chain)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(_STEPS_MAX):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as err:
                if err.verify_code == _EXPIRED:
                    raise ConfigurationError(
                        f"The certificate in {chain} has expired"
                    ) from None
                if err.verify_code == _NOT_YET_VALID:
                    # Small machines have no clock until they have asked for the time.
                    _LOGGER.warning("The certificate in %s is not valid yet", chain)
                # Whatever else a client may find: it is for clients to judge.
                return
            if side is client:
                return
