"""What all tests share."""

from pathlib import Path

import pytest

# The test plugin has a package of this name, too. The first to be imported stays.
import custom_components  # noqa: F401

pytest_plugins = ["tests.fixtures"]


@pytest.fixture(autouse=True)
def _plate_gate_in_hass(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant find the integration, in the tests that have one."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _loopback(socket_enabled: None) -> None:
    """Allow sockets: the tests talk to real servers of their own.

    The test plugin still refuses connections to anywhere but 127.0.0.1.
    """


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Return a folder of the test's own: the vault is kept in real files."""
    return str(tmp_path)
