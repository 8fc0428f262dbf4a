"""What was measured on. No name of it, and no path."""

from importlib.metadata import PackageNotFoundError, version
import platform
from typing import Any, Final

_PACKAGES: Final = (
    "plate-gate-recognizer",
    "rapidocr",
    "onnxruntime",
    "opencv-python-headless",
    "numpy",
    "aiohttp",
)


def versions() -> dict[str, Any]:
    """Return `versions`: of Python and of the packages that matter, by their names."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"versions": found}
