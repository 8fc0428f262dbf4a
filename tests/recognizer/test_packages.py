"""What the recognizer is shipped in: app, image, unit and wheel, as far as files tell.

Neither Docker nor Home Assistant's Supervisor runs in a test. What they would look at is
held against their own rules here, and each command line against the real parser.
"""

from collections.abc import Iterator
from importlib.metadata import distribution
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tomllib
from typing import Any
import zipfile

from homeassistant.util import yaml as yaml_util
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
import pytest
import voluptuous as vol

from plate_gate_recognizer import __version__, app, weights
from plate_gate_recognizer.cli import _parser
from plate_gate_recognizer.logs import LEVELS
from tests.source import ROOT

FOLDER = ROOT / "recognizer"
PROJECT: dict[str, Any] = tomllib.loads((FOLDER / "pyproject.toml").read_text())
CONFIG: dict[str, Any] = yaml_util.load_yaml_dict(FOLDER / "config.yaml")
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
UNIT = FOLDER / "packaging" / "plate-gate-recognizer.service"
APP_FILES = {"config.yaml", "config.yml", "config.json"}
LANGUAGES = sorted(path.stem for path in (FOLDER / "translations").iterdir())

# The Supervisor's rules (supervisor/apps/validate.py and options.py, August 2026), less
# the keys that ask for rights or are there for old apps. The Supervisor passes over keys
# that it does not know; a key that is not listed here fails, since it would do nothing,
# or would give the app something that it must not have.
OPTION_TYPE = r"^(?:str|password|bool|int\((?P<least>\d+),(?P<most>\d+)\)|list\((?P<list>.+)\))\??$"
APP = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Required("version"): str,
        vol.Required("slug"): vol.Match(r"^[-_.A-Za-z0-9]+$"),
        vol.Required("description"): str,
        vol.Required("arch"): [vol.In(["amd64", "aarch64"])],
        vol.Optional("url"): vol.Url(),
        vol.Optional("homeassistant"): str,
        vol.Optional("stage"): vol.In(["stable", "experimental", "deprecated"]),
        vol.Optional("startup"): vol.In(
            ["initialize", "system", "services", "application", "once"]
        ),
        vol.Optional("watchdog"): vol.Match(
            r"^(?:https?|\[PROTO:\w+\]|tcp):\/\/\[HOST\]:(\[PORT:\d+\]|\d+).*$"
        ),
        vol.Optional("ports"): {
            vol.Match(r"^\d+/(?:tcp|udp)$"): vol.Any(
                None, vol.All(int, vol.Range(1, 65535))
            )
        },
        vol.Optional("discovery"): [str],
        vol.Optional("tmpfs"): bool,
        vol.Optional("map"): [
            {
                vol.Required("type"): vol.In(["ssl"]),
                vol.Required("read_only"): True,
            }
        ],
        vol.Optional("options"): {str: vol.Any(str, int, bool)},
        vol.Optional("schema"): {str: vol.Match(OPTION_TYPE)},
    }
)
TRANSLATIONS = vol.Schema(
    {
        vol.Required("configuration"): {
            str: {vol.Required("name"): str, vol.Required("description"): str}
        },
        vol.Required("network"): {str: str},
    }
)


def stages() -> dict[str, str]:
    """Return the base of each stage of the Dockerfile, in order."""
    return {
        name: base
        for base, name in re.findall(r"^FROM (\S+) AS (\S+)$", DOCKERFILE, re.MULTILINE)
    }


def copied() -> Iterator[str]:
    """Name what the Dockerfile copies out of the folder."""
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        yield from line.split()[:-1]


def locked() -> dict[str, str]:
    """Return the version of each package in the image; each has a hash or two."""
    text = (FOLDER / "requirements.txt").read_text()
    entry = re.compile(
        r"([\w.-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64}){1,2})\n"
    )
    other = entry.sub("", text).splitlines()
    assert all(line.startswith("#") for line in other), "more than packages with hashes"
    return {
        canonicalize_name(name): version for name, version, _ in entry.findall(text)
    }


def needed(requirements: list[str]) -> set[str]:
    """Name the packages that are needed, and what those need in turn, on Linux."""
    found: set[str] = set()
    todo = [Requirement(text) for text in requirements]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (
            requirement.marker and not requirement.marker.evaluate({"extra": ""})
        ):
            continue
        found.add(name)
        todo.extend(Requirement(text) for text in distribution(name).requires or [])
    return found


def test_app_follows_the_rules() -> None:
    """The Supervisor accepts it, and it asks for no right."""
    APP(CONFIG)
    assert yaml_util.load_yaml_dict(ROOT / "repository.yaml").keys() == {
        "name",
        "url",
        "maintainer",
    }


def test_app_is_the_only_one() -> None:
    """The Supervisor takes each config.yaml, .yml and .json for an app."""
    found = []
    for folder, folders, names in ROOT.walk():
        # It passes over what begins with a dot.
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [folder / name for name in names if name in APP_FILES]
    assert found == [FOLDER / "config.yaml"]


def test_app_is_built_where_it_lies() -> None:
    """No image is named, and no build.yaml, which the Supervisor no longer wants."""
    assert "image" not in CONFIG
    assert not list(FOLDER.glob("build.*"))
    assert list(stages())[-1] == "app", "the Supervisor builds the last stage"


def test_app_options_have_defaults() -> None:
    """What is not optional has a default, and the default is one that is accepted."""
    schema, options = CONFIG["schema"], CONFIG["options"]
    mandatory = {name for name, kind in schema.items() if not kind.endswith("?")}
    assert set(options) == mandatory
    for name, value in options.items():
        kind = re.match(OPTION_TYPE, schema[name])
        assert kind
        if kind["least"]:
            assert int(kind["least"]) <= value <= int(kind["most"])
        elif kind["list"]:
            assert value in kind["list"].split("|")
        else:
            assert isinstance(value, {"str": str, "bool": bool}[schema[name]])


@pytest.mark.parametrize("language", LANGUAGES)
def test_app_options_are_explained(language: str) -> None:
    """Each option and each port has its words in each language."""
    path = FOLDER / "translations" / f"{language}.yaml"
    translations = TRANSLATIONS(yaml_util.load_yaml_dict(path))
    assert list(translations["configuration"]) == list(CONFIG["schema"])
    assert list(translations["network"]) == list(CONFIG["ports"])


def test_app_languages() -> None:
    """They are those of the integration."""
    assert LANGUAGES == ["de", "en"]


def test_app_watchdog() -> None:
    """It is asked at the port of the service, over TLS if that option is on."""
    default = _parser().parse_args(["serve"]).port
    assert CONFIG["watchdog"] == f"[PROTO:ssl]://[HOST]:[PORT:{default}]/health"
    assert CONFIG["schema"]["ssl"] == "bool"
    assert list(CONFIG["ports"]) == [f"{default}/tcp"]
    assert f"EXPOSE {default}\n" in DOCKERFILE
    assert app._parser().parse_args([]).port == default


def test_app_may_tell_home_assistant() -> None:
    """The Supervisor passes on only what config.yaml says."""
    manifest = ROOT / "custom_components" / "plate_gate" / "manifest.json"
    assert CONFIG["discovery"] == [app.DISCOVERY_SERVICE]
    assert json.loads(manifest.read_text())["domain"] == app.DISCOVERY_SERVICE
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert CONFIG["homeassistant"] == hacs["homeassistant"]


def test_app_command_line() -> None:
    """What the app starts the service with is what the service understands."""
    options = {**CONFIG["options"], "threads": 3, "workers": 2, "ssl": True}
    parsed = _parser().parse_args(
        app.service_arguments(options, "0.0.0.0", 32168, certificate=(3, 4))
    )
    assert (parsed.command, parsed.host, parsed.port) == ("serve", "0.0.0.0", 32168)
    assert (parsed.threads, parsed.workers) == (3, 2)
    assert parsed.announce is False
    assert (str(parsed.tls_cert), str(parsed.tls_key)) == (
        "/proc/self/fd/3",
        "/proc/self/fd/4",
    )


def test_app_ranges_are_accepted() -> None:
    """The least and the most that an option may be is nothing that `serve` refuses."""
    for name in ("threads", "workers"):
        kind = re.match(OPTION_TYPE, CONFIG["schema"][name])
        assert kind
        for number in map(int, kind.group("least", "most")):
            parsed = _parser().parse_args(["serve", f"--{name}", str(number)])
            assert getattr(parsed, name) == number
    kind = re.match(OPTION_TYPE, CONFIG["schema"]["log_level"])
    assert kind
    assert kind["list"].split("|") == list(LEVELS)


def test_image_command_line() -> None:
    """The same holds of the image that is used by itself."""
    commands = re.findall(r"^(?:ENTRYPOINT|CMD) (\[.+\])$", DOCKERFILE, re.MULTILINE)
    service, arguments, app_command = map(json.loads, commands)
    assert service == ["python", "-m", "plate_gate_recognizer"]
    assert _parser().parse_args(arguments).host == "0.0.0.0"
    assert app_command == ["python", "-m", "plate_gate_recognizer.app"]


def test_image_is_debian_with_a_version() -> None:
    """Each stage begins with the same Python, for which the packages were chosen."""
    first, *bases = stages().values()
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", first)
    assert set(bases) <= {first, *stages()}
    version = first.removeprefix("python:").partition("-")[0]
    assert f"/lib/python{version}/" in DOCKERFILE
    major, minor = version.split(".")
    lock = (FOLDER / "packaging" / "lock.py").read_text()
    assert f"PYTHON: Final = ({major}, {minor})\n" in lock


def test_image_service_is_not_root() -> None:
    """Neither way ends as root: one never is, the other becomes the same user."""
    assert "USER 10001:10001\n" in DOCKERFILE
    user = app._parser().parse_args([]).user
    assert f"useradd --uid 10001 --gid {user} " in DOCKERFILE
    assert f"--shell /usr/sbin/nologin {user} " in DOCKERFILE


def test_image_gets_what_it_copies() -> None:
    """All that is copied exists, and .dockerignore lets it through, and nothing else."""
    ignored = (FOLDER / ".dockerignore").read_text().splitlines()
    passed = {line[1:] for line in ignored if line.startswith("!")}
    assert passed == set(copied())
    for path in passed:
        assert (FOLDER / path).exists(), path


def test_image_has_all_packages() -> None:
    """What the recognizer needs, all of it, as it is here, and nothing besides."""
    packages = locked()
    carried = packages.pop(canonicalize_name(weights.CARRIER))
    assert carried == weights.CARRIER_VERSION
    project = PROJECT["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["announce"]
    assert set(packages) == needed(wanted)
    for name, version in packages.items():
        assert distribution(name).version == version, "run packaging/lock.py"


def test_requirements_agree() -> None:
    """The image, the tests and the demo run on the same versions."""
    packages = locked()
    for name in ("recognizer", "weights"):
        for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                package, _, version = line.partition("==")
                assert packages[canonicalize_name(package)] == version


def test_versions_agree() -> None:
    """App, image, changelog and package are of one version."""
    assert CONFIG["version"] == __version__
    assert set(re.findall(r"ARG BUILD_VERSION=(\S+)", DOCKERFILE)) == {__version__}
    assert f"## [{__version__}]" in (FOLDER / "CHANGELOG.md").read_text()


def test_weights_are_all_that_is_kept(tmp_path: Path) -> None:
    """The image keeps the weights that are used, and their license; the rest goes."""
    carrier = distribution(weights.CARRIER)
    used = [v for v in vars(weights).values() if isinstance(v, weights.WeightFile)]
    metadata = tmp_path / f"{weights.CARRIER}-{weights.CARRIER_VERSION}.dist-info"
    shutil.copytree(str(carrier.locate_file(metadata.name)), metadata)
    for file in used:
        copy = tmp_path / weights.CARRIER / "models" / "ppocrv6" / file.path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.locate(), copy)
    kept = {path for path in tmp_path.rglob("*") if path.is_file()}
    for name in ("__init__.py", "models/ppocrv5/det/det.onnx"):
        unused = tmp_path / weights.CARRIER / name
        unused.parent.mkdir(parents=True, exist_ok=True)
        unused.touch()

    subprocess.run(
        [sys.executable, FOLDER / "packaging" / "keep_weights.py"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
    )

    assert {path for path in tmp_path.rglob("*") if path.is_file()} == kept
    assert any("licenses" in path.parts for path in kept)


def test_unit_command_line() -> None:
    """What systemd starts is what the service understands."""
    text = UNIT.read_text().replace("\\\n", "")
    (command,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)
    program, *arguments = command.split()
    assert Path(program).name in PROJECT["project"]["scripts"]
    parsed = _parser().parse_args(arguments)
    assert str(parsed.token_file) == "%d/token"
    assert "LoadCredential=token:" in text
    assert f"SocketBindAllow=tcp:{parsed.port}\n" in text
    further = "--tls-cert %d/cert --tls-key %d/key"
    assert further in text
    _parser().parse_args([*arguments, *further.split(" ")])


def test_nobody_is_told() -> None:
    """ONNX Runtime's telemetry is off wherever the recognizer runs by itself."""
    assert "ENV ORT_DISABLE_TELEMETRY=1 " in DOCKERFILE
    assert "Environment=ORT_DISABLE_TELEMETRY=1\n" in UNIT.read_text()


def test_license_texts_travel() -> None:
    """The package has the license itself, since a wheel and an image hold no other."""
    assert (FOLDER / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert PROJECT["project"]["license-files"] == ["LICENSE", "NOTICE"]
    notice = (FOLDER / "NOTICE").read_text()
    for name in (
        "PaddlePaddle Authors",
        f'"{weights.CARRIER}" {weights.CARRIER_VERSION}',
    ):
        assert name in notice


def test_wheel(tmp_path: Path) -> None:
    """It holds every module, the mark that it is typed, license and notice."""
    source = tmp_path / "source"
    shutil.copytree(FOLDER, source, ignore=shutil.ignore_patterns("*.egg-info", ".*"))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", source],
        check=True,
        capture_output=True,
    )
    (wheel,) = (source / "dist").iterdir()
    assert wheel.name == f"plate_gate_recognizer-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = FOLDER / "src" / "plate_gate_recognizer"
    assert {name for name in names if "dist-info" not in name} == {
        f"plate_gate_recognizer/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    information = f"plate_gate_recognizer-{__version__}.dist-info"
    assert {f"{information}/licenses/{name}" for name in ("LICENSE", "NOTICE")} <= names
