"""Write the report: one HTML file without scripts, that fetches nothing."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from clustering.core.files import replacing
from clustering.export.report.contents import describe_category, describe_run
from clustering.presentation import words
from clustering.queries.selection import find_category, list_categories
from clustering.store.runs import Reader


def write_report(
    run: Reader,
    file: Path,
    *,
    categories: list[str] | None = None,
    notice: Callable[[str], None] = lambda category: None,
) -> None:
    """Write the report of a run to ``file``, whole or not at all.

    Parameters
    ----------
    run : Reader
        A published run.
    file : Path
        Where to; its folder is made.
    categories : list of str, optional
        Those to show; all of them without it.
    notice : callable
        Told the name of each category when it is done.

    Raises
    ------
    ArgumentError
        If the run has not such a category.
    CommandError
        If the file cannot be written.
    """
    shown = choose_categories(run, categories)
    with replacing(file) as temporary:
        page = _render(run, shown, notice=notice)
        temporary.write_text(page, encoding="utf-8")


def choose_categories(run: Reader, wanted: list[str] | None) -> list[str]:
    """Return the categories that are wanted, each once and as the run spells it."""
    if not wanted:
        return list_categories(run)
    return list(dict.fromkeys(find_category(run, name) for name in wanted))


def _render(
    run: Reader, categories: list[str], *, notice: Callable[[str], None]
) -> str:
    described = []
    for category in categories:
        described.append(describe_category(run, category))
        notice(category)
    return _template().render(
        **describe_run(run, categories), categories=described, words=words
    )


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("clustering.export.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
