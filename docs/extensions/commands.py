"""The directive `commands`: what `clustering --help` says, of every command."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata
from typer import Context
from typer.cli import get_docs_for_click
from typer.main import get_command

from clustering.cli.main import app as clustering


def commands_page() -> str:
    """Return Markdown: a heading per command, its arguments and its options."""
    command = get_command(clustering)
    text = get_docs_for_click(obj=command, ctx=Context(command), name="clustering")
    return text[text.index("\n## ") :]


class Commands(SphinxDirective):
    """Shows all commands."""

    def run(self) -> list[nodes.Node]:
        """Return the page's sections."""
        return self.parse_text_to_nodes(commands_page(), allow_section_headings=True)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx of the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
