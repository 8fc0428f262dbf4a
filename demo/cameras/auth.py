"""How a simulated camera asks for a user name and a password."""

import base64
import hashlib
import hmac
import re
import secrets
from typing import Final, Literal

type AuthScheme = Literal["none", "basic", "digest"]

REALM: Final = "simulated camera"

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]+))')


class Guard:
    """Checks the `Authorization` header of a request, in RTSP as in HTTP.

    The digest is the one of RFC 2617 with MD5, with and without `qop`, since that is
    what cameras speak.
    """

    def __init__(
        self,
        scheme: AuthScheme = "none",
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        """Let in whoever knows the user name and the password.

        Args:
            scheme: "none" lets everyone in.
            username: Needed unless the scheme is "none".
            password: Needed unless the scheme is "none".

        Raises:
            ValueError: There is a scheme, but no user name or no password.

        """
        if scheme != "none" and (username is None or password is None):
            raise ValueError("A camera with a scheme needs a user name and a password")
        self.scheme = scheme
        self.username = username or ""
        self.password = password or ""
        self.refused = 0
        self._nonce = secrets.token_hex(8)

    def challenge(self, *, qop: bool) -> str:
        """Return the `WWW-Authenticate` header of a refusal."""
        if self.scheme == "basic":
            return f'Basic realm="{REALM}"'
        protection = ', qop="auth", algorithm=MD5' if qop else ""
        return f'Digest realm="{REALM}", nonce="{self._nonce}"{protection}'

    def admits(self, method: str, header: str | None) -> bool:
        """Tell whether the request may pass.

        Args:
            method: The method of the request, such as "DESCRIBE" or "GET".
            header: The `Authorization` header, if there is one.

        """
        if self.scheme == "none":
            return True
        expected = (
            self._basic() if self.scheme == "basic" else self._digest(method, header)
        )
        given = header if self.scheme == "basic" else _parameters(header)["response"]
        if hmac.compare_digest((given or "").encode(), expected.encode()):
            return True
        # The request that only fetches the challenge is no failed attempt.
        self.refused += header is not None
        return False

    def _basic(self) -> str:
        """Return the only header that is right."""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def _digest(self, method: str, header: str | None) -> str:
        """Return the only response that is right for what the header claims."""
        claim = _parameters(header)
        secret = _md5(f"{self.username}:{REALM}:{self.password}")
        request = _md5(f"{method}:{claim['uri']}")
        if not claim["qop"]:
            return _md5(f"{secret}:{self._nonce}:{request}")
        return _md5(
            f"{secret}:{self._nonce}:{claim['nc']}:{claim['cnonce']}:auth:{request}"
        )


def _parameters(header: str | None) -> dict[str, str]:
    """Return the parameters of a digest header; those that it lacks are empty."""
    found = dict.fromkeys(("response", "uri", "qop", "nc", "cnonce"), "")
    for name, quoted, bare in _PARAMETER.findall(header or ""):
        found[name] = quoted or bare
    return found


def _md5(text: str) -> str:
    """Return the MD5 sum that the digest scheme prescribes."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
