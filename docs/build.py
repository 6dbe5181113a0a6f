"""Build the docs site, all files that it needs included: `make docs`."""

import argparse
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from clustering.core.errors import CommandError
from clustering.core.paths import PROJECT
from docs.artifacts import describe_project
from docs.column_lineage import write_column_lineage
from docs.dbt_docs import write_dbt_docs

SOURCE = PROJECT / "docs"
SITE = PROJECT / "build" / "docs"


class DocsError(CommandError):
    """A page that cannot be built as it is."""


def main() -> None:
    """Build the site; an error that a reader can act on is one line."""
    arguments = _parser().parse_args()
    try:
        unfollowed = build_site(arguments.site)
    except CommandError as error:
        sys.exit(f"Error: {error}")
    if unfollowed:
        _say(f"no column lineage within: {', '.join(unfollowed)}")
    _say(f"open {arguments.site / 'index.html'}")


def build_site(site: Path) -> list[str]:
    """Write the site into the folder ``site``, and intermediate files beside it.

    The guides, the dbt docs in ``dbt/`` and the column lineage in ``columns/`` need
    no server: all of it works from file://. Returned are the models with columns that
    the lineage cannot follow.

    Raises
    ------
    CommandError
        If the input in DATA_DIR/raw is bad, or a page has a warning.
    """
    work = site.with_name(f"{site.name}-work")
    artifacts = describe_project(work)
    shutil.rmtree(site, ignore_errors=True)
    write_dbt_docs(artifacts, site / "dbt")
    unfollowed = write_column_lineage(artifacts, site / "columns")
    write_pages(artifacts, site, doctrees=work / "doctrees")
    return unfollowed


def write_pages(artifacts: Path, site: Path, *, doctrees: Path) -> None:
    """Write the guides and the references; a warning of Sphinx is an error."""
    options = ("--quiet", "--fail-on-warning", "--builder", "html")
    where = ("--doctree-dir", str(doctrees), "--define", f"dbt_artifacts={artifacts}")
    if build_main([*options, *where, str(SOURCE), str(site)]):
        raise DocsError(f"a page in {SOURCE} has a warning; it is shown above")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m docs.build", description=__doc__)
    parser.add_argument(
        "--site", type=Path, default=SITE, help="Folder of the site; build/docs."
    )
    return parser


if __name__ == "__main__":
    main()
