"""Sphinx's settings; `make docs` builds, with warnings as errors."""

import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

from ml.settings import Group

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

_about = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]

project = "Store Clustering"
author = _about["authors"][0]["name"]
release = _about["version"]

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "docs.extensions.commands",
    "docs.extensions.environments",
    "docs.extensions.models",
    "docs.extensions.settings",
]
myst_enable_extensions = ["attrs_block", "deflist"]
myst_heading_anchors = 3
# Of a model: its page in the dbt docs, and its columns in the column lineage.
myst_url_schemes = {
    "http": None,
    "https": None,
    "dbt": {"url": "dbt/index.html#!/{{path}}"},
    "columns": {"url": "columns/index.html?model={{path}}&parents=1&children=1"},
}
suppress_warnings = ["config.cache"]

# What `text` in a docstring names; nitpicky: it must be there.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [
    # of other packages, whose docs are elsewhere
    ("py:.*", r"(np|numpy|pd|pandas|sklearn|scipy|collections|typing|dbt)\..*"),
    ("py:class", r"(ml\.\w+\.)?(P|R|Choice)"),  # type parameters
]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
numpydoc_show_class_members = False

html_theme = "furo"
html_favicon = "_static/favicon.svg"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
# Excerpts are fetched, which a browser refuses to pages from file://.
html_show_search_summary = False
html_theme_options = {"navigation_with_keys": True}


def setup(app: Sphinx) -> None:
    """Tell Sphinx what this project's classes need."""
    app.connect("autodoc-process-signature", _hide_fields)


def _hide_fields(
    app: Sphinx, what: str, name: str, obj: object, *_: object
) -> tuple[str, str] | None:
    """Show no signature of settings: their docstrings have all fields, in words."""
    return ("", "") if isinstance(obj, type) and issubclass(obj, Group) else None
