"""The directive `environments`: every key of configs/, from the schema behind it."""

import json
import types
from typing import Annotated, Literal, Union, get_args, get_origin

from docutils import nodes
from pydantic.fields import FieldInfo
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from clustering.core import environments
from clustering.core.environments import Environment, Section

WORDS = {"Ge": "at least", "Gt": "above", "Le": "at most"}


def environments_page() -> str:
    """Return Markdown: the keys of a file, then those of each of its sections."""
    fields = Environment.model_fields
    lines = [_entry(name, fields[name]) for name in fields if _is_key(name)]
    for name, field in fields.items():
        if _is_section(field.annotation):
            lines.append(f"## {name}\n\n{field.annotation.__doc__}\n")
            lines += _entries(name, field.annotation)
    return "\n".join(lines)


def _entries(name: str, section: type[Section]) -> list[str]:
    """Return the keys of a section, each followed by those of the sections within."""
    lines = []
    for key, field in section.model_fields.items():
        place = f"{name}.{key}"
        lines.append(_entry(place, field))
        for within in filter(_is_section, get_args(field.annotation)):
            many = get_origin(field.annotation) is dict
            lines += _entries(f"{place}.NAME" if many else place, within)
    return lines


def type_words(annotation: object) -> str:
    """Say in words what a key may be.

    Examples
    --------
    >>> type_words(int | None)
    'whole number, or null'
    >>> type_words(dict[str, object])
    'mapping'
    """
    if get_origin(annotation) is Annotated:
        return type_words(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        every = get_args(annotation)
        words = [type_words(one) for one in every if one is not type(None)]
        return " or ".join(words) + (", or null" if type(None) in every else "")
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(annotation))
    if _is_section(annotation):
        return "mapping"
    names = {
        "str": "text",
        "SecretStr": "text",
        "bool": "true or false",
        "int": "whole number",
        "float": "number",
        "Path": "path",
        "date": "date",
        "list": "list of texts",
        "dict": "mapping",
    }
    plain = get_origin(annotation) or annotation
    return names[plain.__name__]


def _is_key(name: str) -> bool:
    return name != "name" and not _is_section(Environment.model_fields[name].annotation)


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _entry(name: str, field: FieldInfo) -> str:
    limits = [
        f"{WORDS[type(one).__name__]} {next(iter(vars_of(one)))}"
        for one in field.metadata
        if type(one).__name__ in WORDS
    ]
    default = "none; it must be there"
    if not field.is_required():
        default = f"`{json.dumps(field.default)}`"
    return (
        f"```{{confval}} {name}\n"
        f":type: {', '.join([type_words(field.annotation), *limits])}\n"
        f":default: {default}\n\n"
        f"{field.description}\n```\n"
    )


def vars_of(limit: object) -> tuple[object, ...]:
    """Return the values of one of pydantic's limits, such as that of Ge(0)."""
    return tuple(getattr(limit, slot) for slot in type(limit).__slots__)


class Environments(SphinxDirective):
    """Shows all keys."""

    def run(self) -> list[nodes.Node]:
        """Return the page's sections."""
        self.env.note_dependency(environments.__file__)
        return self.parse_text_to_nodes(
            environments_page(), allow_section_headings=True
        )


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("environments", Environments)
    return {"parallel_read_safe": True}
