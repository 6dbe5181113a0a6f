"""The dbt docs, as the one file that dbt writes them to."""

from pathlib import Path

# What dbt's page asks a browser for before its scripts have filled in the names: each
# is an error in the console, and from file:// one for every row of the tree.
MENDED = {
    'xlink:href="{{ getIcon(': 'ng-attr-xlink:href="{{ getIcon(',
    "${require('./assets/favicons/favicon.ico')}": "data:,",
}


def write_dbt_docs(artifacts: Path, folder: Path) -> None:
    """Write ``folder``/index.html: models, columns, tests and their graph."""
    page = (artifacts / "static_index.html").read_text()
    for found, wanted in MENDED.items():
        page = page.replace(found, wanted)
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(page)
