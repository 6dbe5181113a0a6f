"""Words for codes, from words.yml: SQL macros for models, labels for pages."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

import yaml
from duckdb import DuckDBPyConnection

from clustering.core import sql

TEMPLATES = Path(__file__).with_suffix(".yml")
FORMATS = Path(__file__).with_suffix(".sql")


@cache
def read_templates() -> Mapping[str, Mapping[str, str]]:
    """Return the sentence of each code, by group."""
    return yaml.safe_load(TEMPLATES.read_text(encoding="utf-8"))


def label(group: str, code: str) -> str:
    """Return the words of a code that need no figures.

    >>> label("verdict_label", "mostly_stable")
    'mostly stable'
    """
    return read_templates()[group][code]


def define_words(connection: DuckDBPyConnection) -> None:
    """Create the formats and a macro of each group, in a database called ``words``.

    It lies in memory, and cursors of the connection see it, too.
    """
    connection.execute("attach if not exists ':memory:' as words")
    connection.execute(FORMATS.read_text(encoding="utf-8"))
    for group, templates in read_templates().items():
        connection.execute(write_macro(group, templates))


def write_macro(group: str, templates: Mapping[str, str]) -> str:
    """Return the statement that makes a group a SQL macro of a code and figures.

    Parameters
    ----------
    group : str
        Name of the macro.
    templates : mapping
        The sentence of each code. A format of a figure that is a name is a macro of
        words.sql; any other is one of DuckDB's.

    Examples
    --------
    >>> templates = {"some": "{n} stores, {part:share}", "all": "all stores"}
    >>> print(write_macro("found", templates))
    create or replace macro words.found(code, n, part) as case code
    when 'some' then format('{} stores, {}', cast(n as varchar), words.share(part))
    when 'all' then 'all stores'
    end
    """
    figures = dict.fromkeys(
        name
        for template in templates.values()
        for _, name, _, _ in Formatter().parse(template)
        if name
    )
    parameters = ", ".join(["code", *figures])
    return "\n".join(
        [
            f"create or replace macro words.{group}({parameters}) as case code",
            *(
                f"when {sql.text(code)} then {_render(template)}"
                for code, template in templates.items()
            ),
            "end",
        ]
    )


def _render(template: str) -> str:
    """Return the expression of one sentence: null where a figure is."""
    parts = list(Formatter().parse(template))
    figures = [_figure(name, form or "") for _, name, form, _ in parts if name]
    if not figures:
        return sql.text("".join(text for text, *_ in parts))
    braces = str.maketrans({"{": "{{", "}": "}}"})
    text = "".join(
        text.translate(braces) + "{}" * bool(name) for text, name, *_ in parts
    )
    return f"format({', '.join([sql.text(text), *figures])})"


def _figure(name: str, form: str) -> str:
    if not form:
        return f"cast({name} as varchar)"
    if form.isidentifier():
        return f"words.{form}({name})"
    return f"format('{{:{form}}}', cast({name} as double))"
