"""The project's source as syntax trees, for the tests that read it."""

import ast
from collections.abc import Container, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPONENTS = ROOT / "custom_components"
INTEGRATION = COMPONENTS / "plate_gate"
PACKAGE = "custom_components.plate_gate"


def python_files(folder: Path) -> list[Path]:
    """Return the Python files of a folder and of those in it."""
    return sorted(folder.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_name(path: Path, root: Path = ROOT) -> str:
    """Return the name by which a file is imported."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Name everything that a file imports, absolutely, names of modules and in them."""
    package = module_name(path, root).split(".")
    if path.name != "__init__.py":
        package.pop()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


@cache
def import_graph() -> dict[str, frozenset[str]]:
    """Return which modules of the integration import which others of it."""
    files = {module_name(path): path for path in python_files(INTEGRATION)}
    return {
        name: frozenset(
            found
            for imported in imports(path)
            if (found := _module_of(imported, files.keys())) and found != name
        )
        for name, path in files.items()
    }


def _module_of(imported: str, modules: Container[str]) -> str | None:
    """Find the module that an imported name is, or is in."""
    while imported.startswith(PACKAGE):
        if imported in modules:
            return imported
        imported = imported.rpartition(".")[0]
    return None


def reach(module: str) -> set[str]:
    """Return a module of the integration and all that it imports, also indirectly."""
    graph = import_graph()
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(graph[name])
    return seen


def path_of(module: str) -> Path:
    """Return the file of a module."""
    folder = ROOT.joinpath(*module.split("."))
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
