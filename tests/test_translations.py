"""Every text that the integration can show exists, in each language, and no other.

What is asked for is found in the code: in its schemas and entity descriptions where they
are objects, in its source where they are not.
"""

import ast
from collections.abc import Iterator
import importlib
import inspect
import json
import re
from string import Formatter
from types import ModuleType
from typing import Any, cast
from unittest.mock import Mock

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigFlow, ConfigSubentryFlow, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.selector import SelectSelector
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
import pytest
import voluptuous as vol

from custom_components.plate_gate import errors
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.errors import PlateGateError
from custom_components.plate_gate.messages import error_key
from custom_components.plate_gate.models import Reason

from .source import INTEGRATION, PACKAGE, import_graph, path_of, reach, tree

type Texts = dict[str, Any]
type Function = ast.FunctionDef | ast.AsyncFunctionDef

LANGUAGES = {
    path.stem: cast("Texts", json.loads(path.read_text(encoding="utf-8")))
    for path in sorted((INTEGRATION / "translations").glob("*.json"))
}
ENGLISH = LANGUAGES["en"]
ICONS: Texts = json.loads((INTEGRATION / "icons.json").read_text())
ACTIONS: Texts = yaml_util.load_yaml_dict(INTEGRATION / "services.yaml")

FLOWS = (ConfigFlow, ConfigSubentryFlow, OptionsFlow, RepairsFlow)
MODULES = [importlib.import_module(name) for name in sorted(import_graph())]


# -- The texts themselves --------------------------------------------------------------


def _flat(texts: Texts, above: str = "") -> Iterator[tuple[str, str]]:
    """Return each text with the path of keys that leads to it."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield above + key, value


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_say_the_same(language: str) -> None:
    """Each language has the keys of English, with the same placeholders in them."""
    english, other = dict(_flat(ENGLISH)), dict(_flat(LANGUAGES[language]))
    assert other.keys() ^ english.keys() == set()
    for key, text in other.items():
        assert _placeholders(text) == _placeholders(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_as_hassfest_wants_them(language: str) -> None:
    """No space around a text, no HTML, no address, no placeholder in single quotes."""
    for key, text in _flat(LANGUAGES[language]):
        assert text, key
        assert text == text.strip(), key
        assert not re.search(r"<[a-zA-Z/]", text), key
        assert not re.search(r"'{\w+}'", text), key
        assert not re.search(r"(https?://|www\.)[\w.-]*\.[a-z]{2,5}\b", text), key


# -- Reading the code ------------------------------------------------------------------


def _calls(node: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Return the calls of functions or methods of these names."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            func = call.func
            name = func.attr if isinstance(func, ast.Attribute) else None
            if (func.id if isinstance(func, ast.Name) else name) in names:
                yield call


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == name), None)


def _functions(node: ast.AST) -> Iterator[Function]:
    for child in ast.walk(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child


def _function_around(node: ast.AST, inner: ast.AST) -> Function:
    """Return the innermost function that a node is in."""
    around = [f for f in _functions(node) if any(n is inner for n in ast.walk(f))]
    return min(around, key=lambda f: sum(1 for _ in ast.walk(f)))


def _values(expression: ast.expr, module: ModuleType, scope: ast.AST) -> set[Any]:
    """Return what an expression can stand for: constants, and what callers hand over."""
    match expression:
        case ast.Constant(value):
            return {value}
        case ast.IfExp(body=body, orelse=orelse):
            return _values(body, module, scope) | _values(orelse, module, scope)
        case ast.Subscript(value=ast.Name(name)) if hasattr(module, name):
            return set(getattr(module, name).values())
        case ast.Name(name) if hasattr(module, name):
            return {getattr(module, name)}
        case ast.Name(name):
            function = _function_around(scope, expression)
            arguments = [arg.arg for arg in function.args.args if arg.arg != "self"]
            if name not in arguments:
                return set()
            found: set[Any] = set()
            for call in _calls(scope, function.name):
                handed = _argument(call, name) or call.args[arguments.index(name)]
                found |= _values(handed, module, scope)
            return found
    return set()


def _classes(node: ast.AST | None, module: ModuleType) -> set[type[PlateGateError]]:
    """Return our errors that an annotation, a tuple or a call names."""
    names = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)] if node else []
    found = [getattr(module, name, None) for name in names]
    return {c for c in found if inspect.isclass(c) and issubclass(c, PlateGateError)}


def _made_in(module: ModuleType) -> set[type[PlateGateError]]:
    """Return our errors that a module, or anything that it imports, makes."""
    made: set[type[PlateGateError]] = set()
    for name in reach(module.__name__):
        source = importlib.import_module(name)
        for node in ast.walk(tree(path_of(name))):
            if isinstance(node, ast.Call):
                made |= _classes(node.func, source)
            elif isinstance(node, ast.Raise):
                made |= _classes(node.exc, source)
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.Name):
                # A class, of which somebody else makes an error.
                made |= _classes(node.value, source)
    return made


def _documented(code: list[ast.stmt], module: ModuleType) -> set[type[PlateGateError]]:
    """Return our errors that the docstrings of what some code calls say it raises."""
    called: set[str] = set()
    for statement in code:
        for call in ast.walk(statement):
            match call:
                case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name)):
                    # Those of a dictionary are what they are, whoever has one, too.
                    if not hasattr(dict, name):
                        called.add(name)
    found: set[type[PlateGateError]] = set()
    for name in reach(module.__name__):
        for node in ast.walk(tree(path_of(name))):
            if isinstance(node, ast.ClassDef) and node.name in called:
                documented = [f for f in _functions(node) if f.name == "__init__"]
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                documented = [node] if node.name in called else []
            else:
                continue
            for function in documented:
                _, _, raises = (ast.get_docstring(function) or "").partition("Raises:")
                for word in re.findall(r"^ +(\w+):", raises, re.MULTILINE):
                    kind = getattr(errors, word, None)
                    if inspect.isclass(kind) and issubclass(kind, PlateGateError):
                        found.add(kind)
    return found


def _keys(
    kinds: set[type[PlateGateError]], code: list[ast.stmt] | None, module: ModuleType
) -> set[str]:
    """Return the text keys of the errors of these kinds that some code can raise.

    Without code, it is any that the module, or what it imports, makes.
    """
    made = _made_in(module)
    if code is not None and (documented := _documented(code, module)):
        made = {
            kind for kind in made | documented if issubclass(kind, tuple(documented))
        }
    keys = {error_key(kind()) for kind in made if issubclass(kind, tuple(kinds))}
    # Whoever takes any error has to have a text for one that comes later.
    return keys | ({error_key(PlateGateError())} if PlateGateError in kinds else set())


def _error_keys(error: ast.expr, module: ModuleType, scope: ast.AST) -> set[str]:
    """Return the text keys that an error can have, whose expression is given.

    Its kind is what the `isinstance` or the handler around it says, or what the callers
    hand over; failing these, what the parameter is annotated with.
    """
    if not isinstance(error, ast.Name):
        return {error_key(kind()) for kind in _classes(error, module)}
    function: Function | None = None
    for node in reversed(_around(error, scope)):
        match node:
            case ast.If(test=test, body=body) if error in _inside(body):
                for check in _calls(test, "isinstance"):
                    return _keys(_classes(check.args[1], module), None, module)
            case ast.ExceptHandler(type=kind, name=name) if name == error.id:
                attempts = [t for t in _around(node, scope) if isinstance(t, ast.Try)]
                attempt = attempts[-1]
                return _keys(_classes(kind, module), attempt.body, module)
            case ast.FunctionDef() | ast.AsyncFunctionDef() if function is None:
                function = node
    assert function is not None, f"{module.__name__}:{error.lineno}: what error is it?"
    arguments = [arg for arg in function.args.args if arg.arg != "self"]
    names = [arg.arg for arg in arguments]
    if error.id not in names:
        # A variable, of which only the function that it is handed to says what it is.
        return set()
    index = names.index(error.id)
    calls = list(_calls(scope, function.name))
    callees = {call.func for call in calls}
    handed = [_error_keys(call.args[index], module, scope) for call in calls]
    keys = {key for found in handed for key in found}
    if (
        not all(handed)
        or not calls
        or any(
            isinstance(node, ast.Name)
            and node.id == function.name
            and node not in callees
            for node in ast.walk(scope)
        )
    ):
        # Called from elsewhere, too.
        keys |= _keys(_classes(arguments[index].annotation, module), None, module)
    return keys


def _inside(nodes: list[ast.stmt]) -> set[ast.AST]:
    return {inner for node in nodes for inner in ast.walk(node)}


def _around(inner: ast.AST, scope: ast.AST) -> list[ast.AST]:
    """Return what a node is in, the outermost first."""
    return [node for node in ast.walk(scope) if inner in set(ast.walk(node))]


# -- Flows -----------------------------------------------------------------------------


class Flow:
    """A flow as its source shows it, with that of the classes that it builds on."""

    def __init__(self, kind: type) -> None:
        """Read a flow's class."""
        self.kind = kind
        self.module = ModuleType(kind.__module__)
        self.source = ast.Module(body=[], type_ignores=[])
        functions: list[ast.stmt] = []
        for part in reversed([c for c in kind.__mro__ if _is_ours(c)]):
            # Names in the source of one class are those of its own module.
            vars(self.module).update(vars(importlib.import_module(part.__module__)))
            source = tree(path_of(part.__module__))
            functions += source.body
            self.source.body += [
                node
                for node in source.body
                if isinstance(node, ast.ClassDef) and node.name == part.__name__
            ]
        vars(self.module)["__name__"] = kind.__module__
        self.helpers = [
            function
            for function in functions
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            and any(_calls(self.source, function.name))
        ]

    def steps(self, call_name: str) -> Iterator[tuple[str, ast.Call]]:
        """Return the steps that are shown by a method, each with the call that does."""
        for call in _calls(self.source, call_name):
            step_id = _argument(call, "step_id")
            assert step_id is not None
            steps = _values(step_id, self.module, self.source)
            assert steps, f"{self.kind.__name__}:{call.lineno}: which step is this?"
            for step in steps:
                yield step, call

    def fields(self, step: str, call: ast.Call) -> tuple[set[str], dict[str, set[str]]]:
        """Return the fields of a step's form, and those of its sections."""
        plain: set[str] = set()
        sections: dict[str, set[str]] = {}
        schema = _argument(call, "data_schema")
        for node in ast.walk(schema) if schema else ():
            for key, inner in _schema(self._schema_of(step, node)):
                if isinstance(inner, section):
                    sections[key] = {name for name, _ in _schema(inner.schema)}
                else:
                    plain.add(key)
        for marker in _calls(schema, "Required", "Optional") if schema else ():
            plain |= _values(marker.args[0], self.module, self.source)
        return plain, sections

    def _schema_of(self, step: str, node: ast.AST) -> object:
        """Return the schema that a part of an expression stands for, if it is one."""
        match node:
            case ast.Name(name):
                return getattr(self.module, name, None)
            case ast.Subscript(value=ast.Attribute(value=ast.Name("self"), attr=name)):
                # Many steps, each with a form of its own.
                return getattr(self.kind, name)[step]
        return None

    def menu(self, call: ast.Call) -> set[str]:
        """Return the options of a menu; those that are added later, too."""
        function = _function_around(self.source, call)
        options = {
            value
            for node in ast.walk(function)
            if isinstance(node, ast.List)
            for item in node.elts
            for value in _values(item, self.module, self.source)
        }
        return {option for option in options if self.has_step(option)}

    def has_step(self, step: object) -> bool:
        """Tell whether the flow can show a step."""
        return isinstance(step, str) and hasattr(self.kind, f"async_step_{step}")

    def errors(self) -> set[str]:
        """Return the keys of all errors that its forms can show."""
        keys: set[str] = set()
        for node in _inside([*self.source.body, *self.helpers]):
            if isinstance(node, ast.Try):
                for handler in node.handlers:
                    if handler.name:
                        kinds = _classes(handler.type, self.module)
                        keys |= _keys(kinds, node.body, self.module)
        for node in _inside([*self.source.body, *self.helpers]):
            match node:
                case ast.Assign(targets=[ast.Name("errors")], value=ast.Dict() as made):
                    keys |= self._shown(made, {"base", *self._all_fields()})
                case ast.Dict():
                    keys |= self._shown(node, {"base"})
        return keys

    def _shown(self, errors: ast.Dict, places: set[str]) -> set[str]:
        """Return the keys of the errors that are shown in some places of a form."""
        scope = ast.Module(body=[*self.source.body, *self.helpers], type_ignores=[])
        return {
            shown
            for key, value in zip(errors.keys, errors.values, strict=True)
            if key and _values(key, self.module, scope) & places
            for shown in _values(value, self.module, scope)
        }

    def _all_fields(self) -> set[str]:
        """Return the fields and the sections beside which an error can be shown."""
        return {
            field
            for step, call in self.steps("async_show_form")
            for part in self.fields(step, call)
            for field in part
        }

    def aborts(self) -> set[str]:
        """Return the reasons for which it can end."""
        reasons: set[str] = set()
        for call in _calls(self.source, "async_abort", "AbortFlow"):
            reason = _argument(call, "reason") or call.args[0]
            reasons |= _values(reason, self.module, self.source)
        if any(
            _calls(
                self.source,
                "_async_abort_entries_match",
                "_abort_if_unique_id_configured",
            )
        ):
            reasons.add("already_configured")
        return reasons


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith(PACKAGE)


def _schema(value: object) -> Iterator[tuple[str, Any]]:
    """Return the fields of a schema, or of a part of one, and their validators."""
    fields = value.schema if isinstance(value, vol.Schema) else value
    if isinstance(fields, dict):
        for key, validator in fields.items():
            if isinstance(key, vol.Marker):
                yield str(key.schema), validator


def _flow_texts(kind: type) -> tuple[Texts, str]:
    """Return where the texts of a flow are."""
    if issubclass(kind, ConfigFlow):
        return ENGLISH["config"], "config"
    if issubclass(kind, OptionsFlow):
        return ENGLISH["options"], "options"
    if issubclass(kind, RepairsFlow):
        flow = Flow(kind)
        for key, issue in ENGLISH["issues"].items():
            texts: Texts = issue.get("fix_flow", {})
            if any(flow.has_step(step) for step in texts.get("step", ())):
                return texts, f"issues.{key}.fix_flow"
        pytest.fail(f"{kind.__name__}: no issue has its texts")
    for config_flow in FLOW_CLASSES:
        if issubclass(config_flow, ConfigFlow):
            subentries = config_flow.async_get_supported_subentry_types(Mock())
            for name, subentry in subentries.items():
                if subentry is kind:
                    texts = ENGLISH["config_subentries"][name]
                    return texts, f"config_subentries.{name}"
    pytest.fail(f"{kind.__name__} is not a flow of any config entry")


FLOW_CLASSES: list[type] = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if inspect.isclass(kind)
    and issubclass(kind, FLOWS)
    and kind.__module__ == module.__name__
    # Others are parts of a flow.
    and not any(_is_ours(one) for one in kind.__subclasses__())
]


@pytest.fixture(params=FLOW_CLASSES, ids=lambda kind: kind.__name__)
def flow(request: pytest.FixtureRequest) -> Flow:
    """Return each flow in turn."""
    return Flow(request.param)


def test_there_are_flows() -> None:
    """The tests below have something to look at."""
    assert {base for base in FLOWS for c in FLOW_CLASSES if issubclass(c, base)} == {
        *FLOWS
    }


def test_forms_have_their_texts(flow: Flow) -> None:
    """Each field of each form has a name and a description."""
    texts, where = _flow_texts(flow.kind)
    for step, call in flow.steps("async_show_form"):
        plain, sections = flow.fields(step, call)
        assert step in texts["step"], f"{where}.step.{step} is missing"
        shown = texts["step"][step]
        place = f"{where}.step.{step}"
        assert shown.get("title"), place
        assert set(shown.get("data", {})) == plain, place
        assert set(shown.get("data_description", {})) == plain, place
        assert set(shown.get("sections", {})) == set(sections), place
        for name, fields in sections.items():
            part = shown["sections"][name]
            assert part["name"], f"{place}.{name}"
            assert set(part["data"]) == fields, f"{place}.{name}"
            assert set(part["data_description"]) == fields, f"{place}.{name}"


def test_menus_have_their_texts(flow: Flow) -> None:
    """Each option of each menu has a name, and leads somewhere."""
    texts, where = _flow_texts(flow.kind)
    for step, call in flow.steps("async_show_menu"):
        options = flow.menu(call)
        assert step in texts["step"], f"{where}.step.{step} is missing"
        assert options, f"{where}.step.{step} has no options"
        assert set(texts["step"][step]["menu_options"]) == options, f"{where}.{step}"


def test_steps_are_shown(flow: Flow) -> None:
    """No step has texts that nobody sees."""
    texts, where = _flow_texts(flow.kind)
    calls = ("async_show_form", "async_show_menu")
    shown = {step for name in calls for step, _ in flow.steps(name)}
    assert set(texts["step"]) == shown, where


def test_steps_get_their_placeholders(flow: Flow) -> None:
    """What a step's texts leave open is filled in by the code."""
    texts, where = _flow_texts(flow.kind)
    for call_name in ("async_show_form", "async_show_menu"):
        for step, call in flow.steps(call_name):
            given = _argument(call, "description_placeholders")
            names = {
                name
                for key in (given.keys if isinstance(given, ast.Dict) else ())
                if key is not None
                for name in _values(key, flow.module, flow.source)
            }
            for key, text in _flat(texts["step"][step]):
                assert _placeholders(text) <= names, f"{where}.step.{step}.{key}"


def test_errors_have_their_texts(flow: Flow) -> None:
    """Each error that a form can show has a text, and no other has."""
    texts, where = _flow_texts(flow.kind)
    assert set(texts.get("error", {})) == flow.errors(), f"{where}.error"


def test_aborts_have_their_texts(flow: Flow) -> None:
    """Each reason for which a flow can end has a text, and no other has."""
    texts, where = _flow_texts(flow.kind)
    assert set(texts.get("abort", {})) == flow.aborts(), f"{where}.abort"


def test_choices_have_their_texts() -> None:
    """Each option of a selector with a translation key has a name."""
    wanted: dict[str, set[str]] = {}

    def look(value: object) -> None:
        for _, validator in _schema(value):
            if isinstance(validator, section):
                look(validator.schema)
            elif isinstance(validator, SelectSelector):
                if key := validator.config.get("translation_key"):
                    wanted[key] = {
                        str(option) for option in validator.config["options"]
                    }

    for module in MODULES:
        for value in vars(module).values():
            look(value)
    selectors = ENGLISH.get("selector", {})
    assert {key: set(texts["options"]) for key, texts in selectors.items()} == wanted


# -- Entities --------------------------------------------------------------------------


def _descriptions() -> Iterator[tuple[str, EntityDescription]]:
    """Return the entity descriptions of each platform."""
    for module in MODULES:
        platform = module.__name__.removeprefix(f"{PACKAGE}.")
        for value in vars(module).values():
            for item in value if isinstance(value, tuple) else (value,):
                # Those of Home Assistant are not instances of the class they are from.
                if not isinstance(item, type) and hasattr(item, "has_entity_name"):
                    yield platform, item


def test_entities_have_names_and_icons() -> None:
    """Each entity has a name, and an icon unless its class gives it one."""
    names: dict[str, set[str]] = {}
    for platform, description in _descriptions():
        key = description.translation_key
        assert key is not None, f"{platform}: {description.key}"
        names.setdefault(platform, set()).add(key)
        texts = ENGLISH["entity"][platform]
        assert texts[key]["name"], f"{platform}.{key}"
        if options := getattr(description, "options", None):
            assert set(texts[key]["state"]) == set(options), f"{platform}.{key}"
        for kind in getattr(description, "event_types", None) or ():
            states = texts[key]["state_attributes"]["event_type"]["state"]
            assert states[kind], f"{platform}.{key}"
        if description.device_class is None:
            assert ICONS["entity"][platform][key]["default"], f"{platform}.{key}"
    assert names, "no entity was found"
    assert {name: set(keys) for name, keys in ENGLISH["entity"].items()} == names
    for platform, icons in ICONS["entity"].items():
        assert set(icons) <= names[platform], f"icons.json has more: {platform}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", ["access", "request"])
def test_reasons_have_their_texts(language: str, event: str) -> None:
    """Each reason that an event can give has a text, and no other has."""
    texts = LANGUAGES[language]["entity"]["event"][event]["state_attributes"]
    assert set(texts["reasons"]["state"]) == set(Reason)


def test_icons_are_icons() -> None:
    """Each icon is one of Material Design's."""
    for key, icon in _flat(ICONS):
        assert re.fullmatch(r"mdi:[a-z0-9-]+", icon), key


# -- Actions ---------------------------------------------------------------------------


async def test_actions_are_described(hass: HomeAssistant) -> None:
    """Each action that is registered is described, with each of its fields."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = hass.services.async_services_for_domain(DOMAIN)
    texts = ENGLISH["services"]
    assert set(actions) == set(ACTIONS) == set(texts) == set(ICONS["services"])
    for name, action in actions.items():
        fields = {field for field, _ in _schema(action.schema)}
        assert fields == set((ACTIONS[name] or {}).get("fields", {})), name
        assert fields == set(texts[name].get("fields", {})), name
        for text in (texts[name], *texts[name].get("fields", {}).values()):
            assert text["name"], name
            assert text["description"], name


# -- Exceptions and issues -------------------------------------------------------------


def _translated(*names: str) -> Iterator[tuple[ModuleType, ast.Module, ast.Call]]:
    """Return the calls with a translation key: those of these names, or all others."""
    for module in MODULES:
        source = tree(path_of(module.__name__))
        issues = set(_calls(source, "async_create_issue"))
        for call in ast.walk(source):
            if isinstance(call, ast.Call) and _argument(call, "translation_key"):
                if (call in issues) is bool(names):
                    yield module, source, call


def _translation_keys(
    call: ast.Call, module: ModuleType, source: ast.Module
) -> set[str]:
    expression = _argument(call, "translation_key")
    assert expression is not None
    keys = _values(expression, module, source)
    for dynamic in _calls(expression, "error_key"):
        keys |= _error_keys(dynamic.args[0], module, source)
    assert keys, f"{module.__name__}:{call.lineno}: which text is meant?"
    return keys


def test_exceptions_have_their_texts() -> None:
    """Each exception that Home Assistant shows has a text, and no other has."""
    wanted: set[str] = set()
    for module, source, call in _translated():
        if _argument(call, "translation_domain") is not None:
            wanted |= _translation_keys(call, module, source)
    assert set(ENGLISH["exceptions"]) == wanted


def test_issues_have_their_texts() -> None:
    """Each repair issue has a text, and a form or a description as it is fixable."""
    wanted: set[str] = set()
    for module, source, call in _translated("async_create_issue"):
        keys = _translation_keys(call, module, source)
        wanted |= keys
        fixable = _argument(call, "is_fixable")
        assert fixable is not None
        forms = {"fix_flow" in ENGLISH["issues"][key] for key in keys}
        never = isinstance(fixable, ast.Constant) and not fixable.value
        assert forms == {False} if never else True in forms, keys
        given = _argument(call, "translation_placeholders")
        names = {
            name
            for key in (given.keys if isinstance(given, ast.Dict) else ())
            if key is not None
            for name in _values(key, module, source)
        }
        for key in keys:
            issue = ENGLISH["issues"][key]
            assert ("description" in issue) is not ("fix_flow" in issue), key
            for part in ("title", "description"):
                assert _placeholders(issue.get(part, "")) <= names, key
    assert set(ENGLISH["issues"]) == wanted


def test_system_health_has_its_texts() -> None:
    """Each line on the system page has a name, and no other has."""
    module = importlib.import_module(f"{PACKAGE}.system_health")
    shown = {
        key.value
        for node in ast.walk(tree(path_of(module.__name__)))
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert set(ENGLISH["system_health"]["info"]) == shown
