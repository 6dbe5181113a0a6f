"""Answers that can be checked: rows, with the run, the tables and the SQL."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from textwrap import dedent
from typing import Any

import pandas as pd
from pydantic import BaseModel

from clustering.core import sql
from clustering.queries.ad_hoc import MOST_ROWS
from clustering.store.runs import PublishedRun


class Answer(BaseModel):
    """Rows of a run, and how they were read."""

    run: str
    """Name of the published run."""

    built_at: datetime
    """When its build ended, in UTC."""

    tables: list[str]
    """Tables of the run that were read."""

    sql: list[str]
    """Statements that ran."""

    rows: list[dict[str, Any]]
    """What they select, or part of it."""

    row_count: int
    """Rows that there are; more than in rows if these were cut."""


@dataclass(frozen=True)
class Recorder:
    """A run that remembers the statements that are read from it."""

    run: PublishedRun
    statements: list[str] = field(default_factory=list)

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that the run has."""
        return self.run.tables

    def read(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Return what ``sql`` selects."""
        found = self.run.read(sql, parameters)
        self.statements.append(with_values(sql, parameters))
        return found

    def answer(self, frame: pd.DataFrame) -> Answer:
        """Return rows with the run and the statements that were read so far."""
        words = set(re.findall(r"\w+", " ".join(self.statements)))
        return Answer(
            run=self.run.name,
            built_at=self.run.built_at,
            tables=sorted(words & self.tables),
            sql=self.statements.copy(),
            rows=as_rows(frame.head(MOST_ROWS)),
            row_count=len(frame),
        )


def with_values(statement: str, parameters: Sequence[object]) -> str:
    """Return a statement with its parameters in it, as anybody can run it.

    Examples
    --------
    >>> with_values("from run where k = ? and name in ?", [2, ["it's"]])
    "from run where k = 2 and name in ['it''s']"
    """
    parts = dedent(statement).strip().split("?")
    values = [*map(_literal, parameters), ""]
    return "".join(chain.from_iterable(zip(parts, values, strict=True)))


def _literal(value: object) -> str:
    if isinstance(value, str):
        return sql.text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return str(value)


def as_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as JSON has them.

    Examples
    --------
    >>> as_rows(pd.DataFrame({"k": [1], "score": [float("nan")]}))
    [{'k': 1, 'score': None}]
    """
    text = frame.to_json(orient="records", date_format="iso", default_handler=str)
    return json.loads(text or "[]")
