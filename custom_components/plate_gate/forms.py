"""What forms with sections have in common."""

from collections.abc import Collection, Mapping
from typing import Any

from homeassistant.data_entry_flow import section
import voluptuous as vol


def flatten(schema: vol.Schema, typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed into a form, without its sections around it."""
    values: dict[str, Any] = {}
    for key, value in typed.items():
        if isinstance(schema.schema.get(key), section):
            values |= value
        else:
            values[key] = value
    return values


def nest(schema: vol.Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Put values into the sections of a form, as `flatten` found them."""
    nested: dict[str, Any] = {}
    for key, field in schema.schema.items():
        if isinstance(field, section):
            nested[str(key)] = nest(field.schema, values)
        elif str(key) in values:
            nested[str(key)] = values[str(key)]
    return nested


def keys_of(schema: vol.Schema) -> set[str]:
    """Return the names of a form's fields, those in its sections too."""
    keys: set[str] = set()
    for key, field in schema.schema.items():
        keys |= keys_of(field.schema) if isinstance(field, section) else {str(key)}
    return keys


def unfold(schema: vol.Schema, names: Collection[str]) -> vol.Schema:
    """Return a form in which some sections are open from the beginning.

    An error is shown above a section, so nobody should have to look for its field.
    """
    return vol.Schema(
        {
            key: section(field.schema, {"collapsed": str(key) not in names})
            if isinstance(field, section)
            else field
            for key, field in schema.schema.items()
        }
    )


def sections_in_use(schema: vol.Schema, values: Mapping[str, Any]) -> set[str]:
    """Return the sections in which something is other than it is at first.

    Args:
        schema: The form.
        values: What is in it, without sections.

    """
    return {
        str(name)
        for name, part in schema.schema.items()
        if isinstance(part, section)
        and any(
            values[str(key)] != _default(key)
            for key in part.schema.schema
            if str(key) in values
        )
    }


def without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a form is to be kept: a field that was emptied is not."""
    return {k: v for k, v in values.items() if v not in (None, "", [])}


def _default(key: vol.Required | vol.Optional) -> object:
    return key.default() if callable(key.default) else None
