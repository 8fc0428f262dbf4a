"""Asks a service on this machine how it is; the exit status is the answer.

For Docker, which runs it every now and then. It is small on purpose: it loads no network
and nothing that is not Python's own.
"""

from http.client import HTTPException
import ssl
import sys
from typing import Final
from urllib.error import HTTPError
from urllib.request import urlopen

PORT: Final = 32168
SECONDS: Final = 4.0


def is_well(port: int = PORT) -> bool:
    """Return whether a service answers on the loopback address that it is well.

    It is asked over HTTP and, if it does not speak that, over TLS. Its certificate names
    another host and is not looked at: nothing secret is said, and nobody else can listen
    on this address in the service's stead.
    """
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    for scheme in ("http", "https"):
        address = f"{scheme}://127.0.0.1:{port}/health"
        try:
            with urlopen(address, timeout=SECONDS, context=unchecked):
                return True
        except HTTPError:
            return False
        except (OSError, HTTPException):
            continue
    return False


if __name__ == "__main__":
    sys.exit(0 if is_well() else 1)
