"""The references are complete, and links lead somewhere."""

import doctest
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest
import yaml

import docs.extensions
import ml
from clustering.core.paths import DBT_PROJECT
from tests.conftest import CLUSTERING, PROJECT
from tests.dbt.conftest import copy_project, run_dbt

MODULES = sorted(module.name for module in pkgutil.iter_modules(ml.__path__))
WRITTEN = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_and_class_is_on_an_api_page(site: Path, module: str):
    pages = "".join(page.read_text() for page in sorted((site / "api").glob("*.html")))
    members = vars(importlib.import_module(f"ml.{module}")).items()
    public = [
        name
        for name, member in members
        if not name.startswith("_")
        and getattr(member, "__module__", "") == f"ml.{module}"
        and callable(member)
    ]
    assert public
    for name in public:
        assert pages.count(f'id="ml.{module}.{name}"') == 1, name


def test_every_command_setting_and_mart_has_its_entry(site: Path):
    commands = (site / "commands.html").read_text()
    shown = subprocess.run(
        [CLUSTERING, "--help"], capture_output=True, text=True, check=True
    )
    names = re.findall(r"^│ (\w+)  ", shown.stdout.partition("Commands")[2], re.M)
    assert {"generate", "run", "show"} <= set(names)
    assert [n for n in names if f'id="clustering-{n}"' not in commands] == []

    declared = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["vars"]
    settings = (site / "settings.html").read_text()
    for name in declared["store_clustering"]:
        assert f'id="confval-{name}"' in settings, name

    marts = (site / "marts.html").read_text()
    for file in (DBT_PROJECT / "models" / "marts").glob("*.sql"):
        assert f'<section id="{file.stem.replace("_", "-")}"' in marts, file.stem


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem)
def test_links_to_files_lead_to_files(file: Path):
    """Sphinx knows its pages and headings; this is what a repository's site shows."""
    links = LINK.findall(file.read_text())
    missing = [
        link
        for link in links
        if not (file.parent / (link.partition("#")[0] or file.name)).exists()
    ]
    assert missing == []


def test_built_pages_have_no_dead_links(site: Path):
    """What is written as HTML or by a scheme of ours, Sphinx does not check."""
    dead = {
        f"{page.name}: {target}"
        for page in site.rglob("*.html")
        if page.parent.name not in {"dbt", "columns"}
        for target in re.findall(r'(?:href|src)="([^"#?:]+)["#?]', page.read_text())
        if not (page.parent / target).exists()
    }
    assert dead == set()


def test_a_data_source_is_added_as_the_guide_says(small_folder, tmp_path):
    project = copy_project(small_folder, tmp_path)
    change = PROJECT / "docs" / "examples" / "weather.diff"
    subprocess.run(
        ["git", "apply", "--verbose", change], cwd=tmp_path, check=True, text=True
    )
    (tmp_path / "data" / "raw" / "weather.csv").write_text(
        "STORE_NBR,MEAN_TEMPERATURE\n0001,9.5\n0002,11\n,7\n"
    )
    guide = (PROJECT / "docs" / "add-a-data-source.md").read_text()
    command = re.search(r"^\.\./\.venv/bin/dbt (build .*)$", guide, re.M)
    result = run_dbt(project, *command[1].split())
    assert result.returncode == 0, result.stdout
    shown = run_dbt(
        project,
        *(
            "--quiet",
            "show",
            "--inline",
            "select * from {{ ref('input_reconciliation') }}",
        ),
        *("--output", "json"),
    )
    [weather] = [
        row
        for row in yaml.safe_load(shown.stdout)["show"]
        if row["source_table"] == "weather"
    ]
    assert (weather["rows_read"], weather["rows_used"]) == (3, 2)


@pytest.mark.parametrize(
    "module", [module.name for module in pkgutil.iter_modules(docs.extensions.__path__)]
)
def test_examples_in_docstrings_hold(module: str):
    result = doctest.testmod(importlib.import_module(f"docs.extensions.{module}"))
    assert result.failed == 0
