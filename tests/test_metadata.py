"""What Home Assistant's hassfest and HACS look at, checked without a network."""

import json
from pathlib import Path
import struct
import tomllib
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import homeassistant.components
from homeassistant.const import Platform
from homeassistant.util import yaml as yaml_util
import pytest

from .source import INTEGRATION, ROOT, imports, python_files

MANIFEST: dict[str, Any] = json.loads((INTEGRATION / "manifest.json").read_text())
HACS: dict[str, Any] = json.loads((ROOT / "hacs.json").read_text())

REQUIRED = {
    "codeowners",
    "config_flow",
    "documentation",
    "domain",
    "integration_type",
    "iot_class",
    "issue_tracker",
    "name",
    "requirements",
    "version",
}
HACS_KEYS = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "zip_release",
}

# Parts of Home Assistant that are always there, or that only load a platform of ours.
ALWAYS_THERE = {*Platform, "diagnostics", "system_health"}


def test_manifest_is_ordered() -> None:
    """Domain, name, then the alphabet."""
    keys = list(MANIFEST)
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]


def test_manifest_is_complete() -> None:
    """Nothing is missing that Home Assistant, hassfest or HACS ask for."""
    assert set(MANIFEST) >= REQUIRED
    assert MANIFEST["domain"] == INTEGRATION.name
    assert MANIFEST["codeowners"], "somebody has to own the code"
    for key in ("documentation", "issue_tracker"):
        assert MANIFEST[key].startswith("https://")


def test_manifest_names_what_is_imported() -> None:
    """Each part of Home Assistant that is used is set up before Plate Gate is."""
    known = {*MANIFEST.get("dependencies", []), *MANIFEST.get("after_dependencies", [])}
    prefix = "homeassistant.components."
    for path in python_files(INTEGRATION):
        for imported in imports(path):
            if imported.startswith(prefix):
                used = imported.removeprefix(prefix).partition(".")[0]
                assert used in known | ALWAYS_THERE, f"{path.name} imports {used}"


def test_manifest_asks_for_nothing_to_be_installed() -> None:
    """Home Assistant OS has no compiler, so all that is needed comes with it."""
    assert MANIFEST["requirements"] == []


def test_versions_agree() -> None:
    """The manifest, both packages and the changelog tell of the same version."""
    version = MANIFEST["version"]
    assert AwesomeVersion(version).strategy is AwesomeVersionStrategy.SEMVER
    for folder in (ROOT, ROOT / "recognizer"):
        project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        assert project["version"] == version, folder
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


def test_hacs_knows_every_key() -> None:
    """HACS refuses a file with keys that it does not know."""
    assert set(HACS) <= HACS_KEYS
    assert HACS["name"] == MANIFEST["name"]


def test_hacs_downloads_what_the_release_holds() -> None:
    """The name of the archive is the one that the release workflow makes."""
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert HACS["zip_release"]
    assert HACS["filename"] in workflow


def test_full_texts_are_in_the_translations() -> None:
    """Home Assistant does not read strings.json of a custom integration."""
    assert not (INTEGRATION / "strings.json").exists()


def test_quality_scale_answers_every_rule() -> None:
    """Each rule is done, to do, or does not apply for a reason that is given."""
    core = Path(homeassistant.components.__path__[0])
    asked = yaml_util.load_yaml_dict(core / "ntfy" / "quality_scale.yaml")["rules"]
    answered = yaml_util.load_yaml_dict(INTEGRATION / "quality_scale.yaml")["rules"]
    assert set(answered) == set(asked)
    for rule, answer in answered.items():
        if isinstance(answer, dict):
            assert set(answer) == {"status", "comment"}, rule
            assert answer["comment"], rule
            answer = answer["status"]
        else:
            assert answer != "exempt", f"{rule} needs a comment that says why"
        assert answer in {"done", "exempt", "todo"}, rule


@pytest.mark.parametrize(
    ("name", "height", "is_square"),
    [
        ("icon.png", 256, True),
        ("icon@2x.png", 512, True),
        ("logo.png", 128, False),
        ("logo@2x.png", 256, False),
        ("dark_logo.png", 128, False),
        ("dark_logo@2x.png", 256, False),
    ],
)
def test_brand_pictures_have_their_size(
    name: str, height: int, is_square: bool
) -> None:
    """Icons are square, logos lie; both exist for screens of both densities."""
    header = (INTEGRATION / "brand" / name).read_bytes()[:24]
    assert header.startswith(b"\x89PNG\r\n\x1a\n")
    size: tuple[int, int] = struct.unpack(">II", header[16:])
    assert size[1] == height
    assert (size[0] == height) is is_square
