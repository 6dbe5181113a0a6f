"""Directives for what dbt knows of models, of their columns, and of the input."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

# Types of the contract, in words.
TYPES = {"varchar": "text", "double": "number", "date": "date"}

# A model, seed or source, or the whole manifest or catalog: dbt's own JSON.
Node = Mapping[str, object]


def table(*rows: Iterable[str]) -> str:
    r"""Return a table in Markdown; the first row is its head.

    Examples
    --------
    >>> print(table(["column", "values"], ["side", "internal | external"]))
    | column | values |
    | --- | --- |
    | side | internal \| external |
    """
    head, *body = [[_in_one_line(cell) for cell in row] for row in rows]
    return "\n".join(
        f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)
    )


def model_list(manifest: Node, folder: str) -> str:
    """Return a table of the models, or seeds, of a folder of the dbt project."""
    rows = [
        [f"[`{node['name']}`]({dbt_docs(node)})", node["description"]]
        for node in _in_folder(manifest, folder)
    ]
    return table(["name", "what it has"], *rows)


def model_columns(manifest: Node, catalog: Node, folder: str) -> str:
    """Return a section per model of a folder, with its columns and their types."""
    sections = []
    for node in _in_folder(manifest, folder):
        types = catalog["nodes"][node["unique_id"]]["columns"]
        rows = [
            [f"`{name}`", types[name]["type"].lower(), column["description"]]
            for name, column in node["columns"].items()
        ]
        sections += [
            f"## {node['name']}\n",
            f"{node['description']} [Tests, SQL and lineage]({dbt_docs(node)}),"
            f" [where its columns come from](columns:{node['unique_id']}).\n",
            table(["column", "type", "what it is"], *rows) + "\n",
        ]
    return "\n".join(sections)


def raw_tables(manifest: Node) -> str:
    """Return the columns of the input tables, as the contract has them."""
    sections = []
    for source in manifest["sources"].values():
        if source["source_name"] == "raw":
            rows = [_contract(column) for column in source["columns"].values()]
            need = "; the table is optional" if _is_optional(source) else ""
            sections += [
                f"**{source['name']}**: {source['description'].rstrip('.')}{need}.\n",
                table(["column", "type", "", "what it is"], *rows) + "\n",
            ]
    return "\n".join(sections)


def dbt_docs(node: Node) -> str:
    """Return the address of a model's page in the dbt docs; see conf.py."""
    return f"dbt:{node['resource_type']}/{node['unique_id']}"


def _in_folder(manifest: Node, folder: str) -> Iterator[Node]:
    """Yield the models or seeds whose file is in this folder, by name."""
    for node in sorted(manifest["nodes"].values(), key=lambda node: node["name"]):
        if node["resource_type"] in {"model", "seed"}:
            parts = Path(node["original_file_path"]).parts
            if folder in parts:
                yield node


def _contract(column: Node) -> list[str]:
    need = "optional" if _is_optional(column) else ""
    return [
        f"`{column['name']}`",
        TYPES[column["data_type"]],
        need,
        column["description"],
    ]


def _is_optional(node: Node) -> bool:
    return bool(node["config"]["meta"].get("optional"))


def _in_one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


class _FromManifest(SphinxDirective):
    """A directive that reads what dbt wrote, in the folder ``dbt_artifacts``."""

    def read(self, name: str) -> Node:
        """Return manifest.json or catalog.json."""
        file = Path(self.config.dbt_artifacts) / name
        self.env.note_dependency(str(file))
        return json.loads(file.read_text())

    def show(self, markdown: str) -> list[nodes.Node]:
        """Return the nodes of a text."""
        return self.parse_text_to_nodes(markdown, allow_section_headings=True)


class ModelList(_FromManifest):
    """Shows the models of a layer."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        return self.show(model_list(self.read("manifest.json"), self.arguments[0]))


class ModelColumns(_FromManifest):
    """Shows the models of a layer, each with its columns."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        manifest, catalog = self.read("manifest.json"), self.read("catalog.json")
        return self.show(model_columns(manifest, catalog, self.arguments[0]))


class RawTables(_FromManifest):
    """Shows the input tables, each with its columns."""

    def run(self) -> list[nodes.Node]:
        """Return the tables."""
        return self.show(raw_tables(self.read("manifest.json")))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directives, and of the folder that they read."""
    app.add_config_value("dbt_artifacts", "", "env", str)
    app.add_directive("model-list", ModelList)
    app.add_directive("model-columns", ModelColumns)
    app.add_directive("raw-tables", RawTables)
    return {"parallel_read_safe": True}
