"""Where the token comes from: the environment, or a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .errors import ConfigurationError

VARIABLE: Final = "PLATE_GATE_RECOGNIZER_TOKEN"

_LONGEST: Final = 1024


def find(environment: Mapping[str, str], file: Path | None) -> str | None:
    """Return the token that requests must bear; None if they need none.

    Args:
        environment: Of the process.
        file: What holds the token and nothing else, if it is in a file.

    Raises:
        ConfigurationError: The file cannot be read, or what is given cannot be sent in
            a header.

    """
    if file is None:
        if (token := environment.get(VARIABLE)) is None:
            return None
        where = VARIABLE
    else:
        try:
            with file.open("rb") as content:
                token = content.read(_LONGEST + 1).decode().strip()
        except OSError as err:
            raise ConfigurationError(f"Cannot read {file}: {err.strerror}") from None
        except UnicodeDecodeError:
            token = ""
        where = str(file)
    # Else a service that was meant to be closed would be open, or closed to all.
    if not token or len(token) > _LONGEST or not token.isprintable() or " " in token:
        raise ConfigurationError(f"There is no token in {where} that can be used")
    return token
