"""SQL is quoted in one way: by clustering.core.sql, and never by hand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from clustering.core import sql
from clustering.core.paths import PROJECT

# Benchmarks read nothing but files that they wrote themselves.
FOLDERS = ("clustering", "ml", "docs", "dags")
ALLOWED = {
    ("clustering/sample/scratch.py", "path"),  # it imports nothing of ours
    ("clustering/core/input/dates.py", "written"),  # a message
    ("clustering/core/seeds/rules.py", "text or ''"),  # a message
}
LIKE_SQL = re.compile(
    r"\b(select|from|where|copy|attach|create|drop|insert|update|comment on|like|in"
    r"|regexp_\w+)\b"
)
CONSTANT = re.compile("[A-Z_]+")


def quoted_by_hand(code: str) -> Iterator[str]:
    """Yield what is put between quotes in strings that look like SQL."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.JoinedStr):
            continue
        texts = ["", *map(_text_of, node.values), ""]
        if LIKE_SQL.search("".join(filter(None, texts))):
            for before, part, after in zip(texts, node.values, texts[2:], strict=False):
                marks = (before or "")[-1:] + (after or "")[:1]
                if marks in ("''", '""') and isinstance(part, ast.FormattedValue):
                    value = ast.unparse(part.value)
                    if not CONSTANT.fullmatch(value):
                        yield value


def _text_of(part: ast.expr) -> str | None:
    return part.value if isinstance(part, ast.Constant) else None


def test_nothing_is_quoted_by_hand():
    found = {
        (str(file.relative_to(PROJECT)), value)
        for folder in FOLDERS
        for file in sorted((PROJECT / folder).rglob("*.py"))
        for value in quoted_by_hand(file.read_text())
    }
    assert found == ALLOWED


@pytest.mark.parametrize("text", ['a"b', "it's", "x'; drop table a --", "{{ 1 }}", ""])
def test_what_is_quoted_comes_back(text, tmp_path: Path):
    with duckdb.connect() as connection:
        quoted = f"select {sql.text(text)} as {sql.name(text or 'a')}"
        result = connection.execute(quoted)
        assert result.fetchall() == [(text,)]
        assert result.description[0][0] == (text or "a")
    file = tmp_path / f"{text}[1]*.csv"
    (tmp_path / "other1.csv").write_text("a\n2\n")
    if "/" not in text:
        file.write_text("a\n1\n")
        assert duckdb.sql(f"from {sql.path(file)}").fetchall() == [(1,)]
