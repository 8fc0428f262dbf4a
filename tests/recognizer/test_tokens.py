"""Where the token comes from."""

from pathlib import Path

import pytest

from plate_gate_recognizer.errors import ConfigurationError
from plate_gate_recognizer.tokens import VARIABLE, find


def test_none() -> None:
    """Without any there is none."""
    assert find({}, None) is None


def test_environment() -> None:
    """It may be in the environment."""
    assert find({VARIABLE: "secret"}, None) == "secret"


def test_file(tmp_path: Path) -> None:
    """It may be in a file, with an end of line, and then counts before the other."""
    file = tmp_path / "token"
    file.write_text("sécret\n", "utf-8")
    assert find({VARIABLE: "other"}, file) == "sécret"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff", b"two words", b"a\nb", b"x" * 2000]
)
def test_unusable(tmp_path: Path, content: bytes) -> None:
    """A file without a token is no reason to let everybody in."""
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="no token in"):
        find({}, file)


def test_empty_environment() -> None:
    """Nor is a variable that is set to nothing, as by a slip in a file of settings."""
    with pytest.raises(ConfigurationError, match="no token in"):
        find({VARIABLE: ""}, None)


def test_unusable_environment() -> None:
    """Nor is a variable that cannot be sent; what is in it is not told."""
    with pytest.raises(ConfigurationError) as refused:
        find({VARIABLE: "two words"}, None)
    assert "two words" not in str(refused.value)


def test_absent(tmp_path: Path) -> None:
    """A file that is not there is told by its name."""
    with pytest.raises(ConfigurationError, match="token: No such file"):
        find({}, tmp_path / "token")
