"""Tables for the screen, and the same as Markdown."""

from dataclasses import dataclass

import pandas as pd
from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table with its title; its columns are those whose meaning is given."""

    title: str
    table: pd.DataFrame
    meaning: dict[str, str]

    def as_rich(self) -> Table:
        """Return the table for the screen."""
        table = Table(*self.meaning, title=self.title, title_justify="left")
        for cells in self._as_text():
            table.add_row(*cells)
        return table

    def as_markdown(self) -> str:
        """Return title, table and meaning of the columns as Markdown."""
        header = [list(self.meaning), ["---"] * len(self.meaning)]
        lines = [_join(cells) for cells in (*header, *self._as_text())]
        meaning = [f"- **{name}**: {text}" for name, text in self.meaning.items()]
        return "\n".join([f"## {self.title}", "", *lines, "", *meaning, ""])

    def _as_text(self) -> list[list[str]]:
        rows = self.table[list(self.meaning)].itertuples(index=False)
        return [[_format(value) for value in row] for row in rows]


def _join(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _format(value: object) -> str:
    """Write a score with three decimals, anything else as it is.

    Examples
    --------
    >>> _format(0.52349), _format(12), _format("GIN"), _format(None)
    ('0.523', '12', 'GIN', '')
    """
    if pd.isna(value):
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
