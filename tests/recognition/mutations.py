"""Damage answers: their structure, their values, their bytes and their status."""

import copy
import json
import random
from typing import Any, Final

NUMBERS: Final[tuple[Any, ...]] = (
    *(0, 1, -1, 2, 37, 93, 100, 255, 0.5, 0.999, 1.0005, 1.01, -0.0005, 100.05),
    *(1e6, 1e6 + 1, 2**31, -(2**63), 2**64, 10**400, 1e308, -1e308, 5e-324),
    *(float("nan"), float("inf"), float("-inf")),
)
TEXTS: Final = (
    *("", " ", "-", "A", "AB12CDE", "KN18RTX", "ab-12 cde", "0.93", "true", "json"),
    *("Plate:", "Plate: AB12CDE", "DayPlate", "A" * 13, "AB12CDE" * 9, "7" * 4000),
    *("\x00", "\ud800", "ﬁ½Ⅷ", "한12가3456", "٣٤٥", "\ufdfa" * 3, "__AB12CDE__", "🚗"),
)
NAMES: Final = (
    *("success", "predictions", "plate", "label", "confidence", "x_min", "characters"),
    *("results", "coordinates", "data_type", "error", "img_width", "score", "box"),
    *("props", "content", "type", "data", "ocr", "text", "detection", "value", "steps"),
)
STATUSES: Final = (
    *(400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503),
    *range(100, 600, 37),
)
HEADERS: Final = (
    *("0", "7", "99999999999", "-3", "1.5", "soon", "", "\x00", "½", "٣"),
    *("Sat, 03 Jan 2026 10:00:07 GMT", "Sat, 03 Jan 0000 10:00:00 GMT"),
    *("Sat, 03 Jan 2026 10:00:00 +9999", "Sat, 99 Jan 2026 99:00:00 GMT", "1 2 3 4"),
    *("Mon, 01 Jan 9999 23:59:59 -2359", "Mon, 01 Jan 0001 00:00:00 +2359"),
)


def anything(chance: random.Random, depth: int = 0) -> Any:
    """Return a random JSON value."""
    kind = chance.randrange(6 if depth < 4 else 4)
    if kind == 4:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 5:
        return {
            chance.choice(NAMES): anything(chance, depth + 1)
            for _ in range(chance.randrange(5))
        }
    if kind == 0:
        return chance.choice((None, True, False))
    return chance.choice(NUMBERS if kind == 1 else TEXTS)


def damage(answer: Any, chance: random.Random) -> None:
    """Change something in an answer, anywhere in it."""
    places = list(_places(answer))
    if not places:
        return
    holder, key = chance.choice(places)
    value = holder[key]
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1:
            holder[key] = anything(chance)
        case 2 if isinstance(holder, list):
            holder[key : key + 1] = [value] * chance.choice((2, 3, 30, 80))
        case 2:
            holder[key.upper()] = holder.pop(key)
        case 3:
            # Of the same type, so that more of the answer is looked at.
            holder[key] = _alike(value, chance)
        case 4:
            holder[key] = [value]
        case 5:
            holder[key] = {chance.choice(NAMES): value}
        case 6:
            other, name = chance.choice(places)
            if isinstance(other, dict) or name < len(other):
                # A copy, since the place may be within the value itself.
                other[name] = copy.deepcopy(value)


def _alike(value: Any, chance: random.Random) -> Any:
    """Return another value of the same type."""
    match value:
        case bool() | None:
            return chance.choice((None, True, False))
        case int() | float():
            # As an integer too large for a float cannot be multiplied by one.
            return chance.choice((*NUMBERS, value - 1, -value, value // 3, value * 3))
        case str():
            return chance.choice(TEXTS)
        case list():
            return chance.sample(value, len(value)) + value[: chance.randrange(2)]
    return dict(chance.sample(list(value.items()), len(value)))


def _places(value: Any) -> Any:
    """Tell all places in an answer: what holds something, and by which key."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = value
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


def damage_text(text: str, chance: random.Random) -> str:
    """Repeat a name with another value, or nest what is there deeply."""
    braces = [place for place, letter in enumerate(text) if letter == "{"]
    if not braces:
        return text
    place = chance.choice(braces) + 1
    if chance.random() < 0.1:
        depth = chance.choice((50, 5000, 50_000))
        return f'{text[:place]}"deep": {"[" * depth}{"]" * depth}, {text[place:]}'
    name, value = chance.choice(NAMES), json.dumps(anything(chance))
    return f'{text[:place]}"{name}": {value}, {text[place:]}'


def damage_bytes(body: bytes, chance: random.Random) -> bytes:
    """Break off, overwrite, or write otherwise what is sent."""
    match chance.randrange(5):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            broken = bytearray(body or b" ")
            for _ in range(chance.randrange(1, 6)):
                broken[chance.randrange(len(broken))] = chance.randrange(256)
            return bytes(broken)
        case 2:
            return chance.randbytes(chance.randrange(200))
        case 3:
            return b"\xef\xbb\xbf" + body
    return body.decode("utf-8", "ignore").encode(chance.choice(("utf-16", "utf-32")))


def mutate(body: bytes, chance: random.Random) -> bytes:
    """Return an answer that is damaged, in one way or several."""
    answer = json.loads(body)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5))):
        damage(answer, chance)
    text = json.dumps(answer)
    if chance.random() < 0.1:
        text = damage_text(text, chance)
    damaged = text.encode("utf-8", "surrogatepass")
    return damage_bytes(damaged, chance) if chance.random() < 0.1 else damaged
