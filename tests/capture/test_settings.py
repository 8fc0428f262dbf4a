"""What people type for a camera."""

import pytest

from custom_components.plate_gate.capture.settings import CameraSettings, split_address
from custom_components.plate_gate.errors import CameraAddressError


@pytest.mark.parametrize(
    ("typed", "url", "username", "password"),
    [
        ("rtsp://cam/live", "rtsp://cam/live", None, None),
        (" RTSP://cam/live ", "rtsp://cam/live", None, None),
        ("rtsp://cam", "rtsp://cam", None, None),
        ("https://cam:8443?channel=1", "https://cam:8443?channel=1", None, None),
        ("rtsp://[fe80::1%eth0]:554/1", "rtsp://[fe80::1%eth0]:554/1", None, None),
        ("rtsp://me:secret@cam/1", "rtsp://cam/1", "me", "secret"),
        ("rtsp://me@cam/1", "rtsp://cam/1", "me", ""),
        ("rtsp://me:@cam/1", "rtsp://cam/1", "me", ""),
        ("rtsp://m%40e:p%2Fw%3a@cam/1", "rtsp://cam/1", "m@e", "p/w:"),
        ("rtsp://me:p@ss@cam:554/1", "rtsp://cam:554/1", "me", "p@ss"),
        ("rtsp://me:p/w#d?@cam:554/1", "rtsp://cam:554/1", "me", "p/w#d?"),
        ("rtsp://me:a:b@[::1]/1", "rtsp://[::1]/1", "me", "a:b"),
        ("rtsp://cam/picture@2", "rtsp://cam/picture@2", None, None),
        ("rtsp://me:secret@cam/picture@2", "rtsp://cam/picture@2", "me", "secret"),
        ("http://10.0.0.9:8080/a?x=1#f", "http://10.0.0.9:8080/a?x=1#f", None, None),
    ],
)
def test_addresses(
    typed: str, url: str, username: str | None, password: str | None
) -> None:
    """The user name and the password come out of the address as they were meant."""
    assert split_address(typed) == (url, username, password)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "cam",
        "cam/live",
        "rtsp:/cam",
        "rtsp://",
        "rtsp:///live",
        "ftp://cam/live",
        "file:///etc/passwd",
        "rtsp://cam:port/live",
        "rtsp://me:secret@",
        "rtsp://me:secret@/live",
        "rtsp://ca m/live",
        "rtsp://cam/li ve",
    ],
)
def test_no_addresses(typed: str) -> None:
    """What is no address is refused, in words that do not repeat it."""
    with pytest.raises(CameraAddressError) as raised:
        split_address(typed)
    assert str(raised.value) == ""
    assert raised.value.__context__ is None


def test_fields_before_address() -> None:
    """A user name and a password in fields of their own go first."""
    settings = CameraSettings.from_data(
        {"url": "rtsp://old:older@cam/1", "username": "new", "password": "newer"}
    )
    assert (settings.username, settings.password) == ("new", "newer")
    assert settings.url == "rtsp://cam/1"


def test_round_trip() -> None:
    """What is stored comes back."""
    settings = CameraSettings(
        url="https://cam/1",
        username="me",
        password="p@ss",
        transport="udp",
        verify_ssl=False,
        fps=2.5,
        trust_stamps=False,
    )
    assert CameraSettings.from_data(settings.as_data()) == settings
    entity = CameraSettings(entity_id="camera.yard")
    assert CameraSettings.from_data(entity.as_data()) == entity
    assert entity.as_data() == {
        "camera_entity": "camera.yard",
        "transport": "tcp",
        "verify_ssl": True,
        "fps": 5.0,
        "trust_stamps": True,
    }


def test_defaults() -> None:
    """An address alone is enough."""
    settings = CameraSettings.from_data({"url": "rtsp://cam/1"})
    assert settings == CameraSettings(url="rtsp://cam/1")
    assert (settings.transport, settings.verify_ssl, settings.fps) == ("tcp", True, 5.0)
    assert settings.scheme == "rtsp"
    assert CameraSettings(entity_id="camera.yard").scheme == ""


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"url": ""},
        {"url": "rtsp://cam/1", "camera_entity": "camera.yard"},
        {"url": "rtsp://cam/1", "transport": "pigeon"},
        {"url": "rtsp://cam/1", "fps": 0},
        {"url": "rtsp://cam/1", "username": "a:b"},
    ],
)
def test_refused(data: dict[str, str]) -> None:
    """Settings that cannot work are refused."""
    with pytest.raises(CameraAddressError):
        CameraSettings.from_data(data)


def test_password_in_address_refused() -> None:
    """The address that is kept has no password in it, whoever makes the settings."""
    with pytest.raises(CameraAddressError):
        CameraSettings(url="rtsp://me:secret@cam/1")


def test_repr() -> None:
    """Settings show neither the address nor the secrets."""
    settings = CameraSettings(url="rtsp://cam/1", username="me", password="secret")
    for text in (repr(settings), str(settings), f"{settings}"):
        assert "cam/1" not in text
        assert "'me'" not in text
        assert "secret" not in text
