"""The rules that keep the house light, held by reading the source."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from .source import (
    INTEGRATION,
    PACKAGE,
    ROOT,
    import_graph,
    imports,
    module_name,
    path_of,
    python_files,
    reach,
    tree,
)

STAGES = {"capture", "recognition", "decision", "gate", "records", "disclosure"}
PURE_STAGES = {"recognition", "decision", "records"}

# Arrows point from a higher floor to a lower one, or stay on it; what is not named here
# is a face of the integration towards Home Assistant.
FLOORS = {
    **dict.fromkeys(
        (
            "const",
            "errors",
            "faults",
            "listeners",
            "messages",
            "models",
            "news",
            "trial",
        ),
        0,
    ),
    **dict.fromkeys(STAGES, 1),
    **dict.fromkeys(
        ("admission", "explain", "lane", "lane_state", "plate_width", "requests"), 2
    ),
    **dict.fromkeys(
        (
            "arming",
            "backends",
            "coordinator",
            "doubts",
            "lane_terms",
            "memory",
            "shortage",
            "site",
            "storage",
            "vaults",
        ),
        3,
    ),
}
FACE = 4

RECOGNIZER = ROOT / "recognizer" / "src"


def _part(module: str) -> str:
    """Return the stage or module of the integration that a module belongs to."""
    return module.removeprefix(PACKAGE).lstrip(".").partition(".")[0]


@pytest.mark.parametrize("module", sorted(import_graph()))
def test_arrows_point_one_way(module: str) -> None:
    """Face, site, lane, stages, models: none imports what lies above it."""
    part = _part(module)
    floor = FLOORS.get(part, FACE)
    for imported in import_graph()[module]:
        other = _part(imported)
        assert FLOORS.get(other, FACE) <= floor, f"{module} looks up to {imported}"
        if part in STAGES and other in STAGES:
            assert part == other, f"{module} knows of another stage: {imported}"


def test_imports_run_in_no_circle() -> None:
    """No module of the integration imports itself by way of others."""
    try:
        TopologicalSorter(import_graph()).prepare()
    except CycleError as err:
        pytest.fail(" -> ".join(err.args[1]))


@pytest.mark.parametrize("stage", sorted(PURE_STAGES))
def test_pure_stages_know_nothing_of_home_assistant(stage: str) -> None:
    """What recognizes, decides and records runs anywhere, with all that it imports."""
    for module in reach(f"{PACKAGE}.{stage}"):
        for imported in imports(path_of(module)):
            assert imported.split(".")[0] != "homeassistant", f"{module}: {imported}"


@pytest.mark.parametrize("path", python_files(INTEGRATION), ids=module_name)
def test_nothing_is_fired_on_the_bus(path: Path) -> None:
    """An event on the bus is stored by the recorder, whoever it was about."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"fire", "async_fire", "async_fire_internal"}


def test_the_recognizer_stands_alone() -> None:
    """The recognizer is a package of its own and runs without Home Assistant."""
    files = python_files(RECOGNIZER)
    assert files, "the recognizer has moved"
    for path in files:
        for imported in imports(path, RECOGNIZER):
            assert imported.split(".")[0] not in {"custom_components", "homeassistant"}
