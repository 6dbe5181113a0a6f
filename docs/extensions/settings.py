"""The directive `settings`: every var, from dbt_project.yml and from its schema."""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from clustering.core import settings as schema
from clustering.core.paths import DBT_PROJECT
from clustering.core.settings import Settings as Schema
from clustering.core.settings import allowed

FILE = DBT_PROJECT / "dbt_project.yml"

HEADING = re.compile(r"# -+ (.+?) -+")
VAR = re.compile(r"(?P<name>\w+): (?P<default>.+)")


class Setting(NamedTuple):
    """One var: the section that it is in, its default, and what it does."""

    section: str
    name: str
    default: str
    text: str


def read_settings(project: str) -> Iterator[Setting]:
    """Read the vars of dbt_project.yml, each with the comment above it.

    Vars that follow one another share the comment above the first.

    Examples
    --------
    >>> project = '''vars:
    ...   store_clustering:
    ...     # --- Clustering ---
    ...     # Candidate numbers of clusters.
    ...     min_clusters: 2
    ...     max_clusters: 10
    ... '''
    >>> for setting in read_settings(project):
    ...     print(setting.section, setting.name, setting.default, setting.text)
    Clustering min_clusters 2 Candidate numbers of clusters.
    Clustering max_clusters 10 Candidate numbers of clusters.
    """
    section, comment, is_complete = "", [], True
    for line in map(str.strip, project.split("vars:\n")[-1].splitlines()):
        if heading := HEADING.fullmatch(line):
            section = heading[1]
        elif line.startswith("# "):
            comment = [line[2:]] if is_complete else [*comment, line[2:]]
            is_complete = False
        elif var := VAR.fullmatch(line):
            yield Setting(section, var["name"], var["default"], " ".join(comment))
            is_complete = True


def settings_page(project: str) -> str:
    """Return Markdown: a heading per section, and an entry per var."""
    lines = []
    for section, settings in groupby(read_settings(project), key=attrgetter("section")):
        lines.append(f"## {section}\n")
        lines += [_entry(setting) for setting in settings]
    return "\n".join(lines)


def _entry(setting: Setting) -> str:
    return (
        f"```{{confval}} {setting.name}\n"
        f":type: {allowed(Schema.model_fields[setting.name])}\n"
        f":default: `{setting.default}`\n\n"
        f"{setting.text}\n```\n"
    )


class Settings(SphinxDirective):
    """Shows all vars."""

    def run(self) -> list[nodes.Node]:
        """Return the page's sections."""
        for file in (str(FILE), schema.__file__):
            self.env.note_dependency(file)
        text = settings_page(FILE.read_text())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("settings", Settings)
    return {"parallel_read_safe": True}
