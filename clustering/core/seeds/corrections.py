"""The four seeds of corrections: each row is validated alone and against the others.

The seeds alone decide whether a row is valid, never the input: a row that was right and
no longer fits the clusters stops nothing; the mart corrections reports it as stale.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from clustering.core.clock import read_day, today
from clustering.core.seeds.tables import Problem, Row, Seed

# Actions of each seed; a seed with a single action has no column for it.
ACTIONS = {
    "cluster_corrections": ("flagship", "inactive", "merge", "name"),
    "excluded_stores": ("exclude",),
    "fixed_k": ("fix_k",),
    "store_corrections": ("lock", "move"),
}
SEEDS = tuple(ACTIONS)
SIDES = ("external", "final", "internal")
OF_STORES = ("excluded_stores", "store_corrections")
STATUSES = ("inactive", "flagship")
WHOLE = re.compile(r"0*[0-9]{1,10}")
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Correction:
    """A row of one of the seeds, trimmed; action and side in lower case."""

    seed: str
    line: int
    action: str | None
    store_id: str | None
    category: str | None
    side: str | None
    cluster_id: str | None
    value: str | None
    reason: str | None
    author: str | None
    expires_on: str | None

    @property
    def is_expired(self) -> bool:
        """Whether its last day has passed; an invalid date never does."""
        day = read_day(self.expires_on)
        return day is not None and day < today()

    @property
    def about(self) -> str:
        """What it is about, in words."""
        store = self.store_id and f"store {self.store_id}"
        cluster = self.cluster_id and f"cluster {self.cluster_id}"
        parts = (self.category, store, self.side, cluster)
        return ", ".join(filter(None, parts))

    @property
    def decides(self) -> tuple[str | None, ...]:
        """What it decides: two rows with the same key contradict each other."""
        of_cluster = self.seed != "store_corrections"
        decided = self.action if of_cluster else None
        return (
            self.seed,
            self.category,
            self.store_id,
            self.side,
            self.cluster_id if of_cluster else None,
            "status" if self.action in STATUSES else decided,
        )


def find_problems(seeds: Sequence[Seed]) -> list[tuple[Seed, Problem]]:
    """Return all problems of corrections, sorted by seed and line.

    Parameters
    ----------
    seeds : sequence of Seed
        Those of :data:`SEEDS`.
    """
    by_name = {seed.name: seed for seed in seeds}
    rows = [
        read_correction(name, line, row)
        for name, seed in by_name.items()
        for line, row in seed.rows.items()
    ]
    in_force = [row for row in rows if not row.is_expired]
    found = [(row, *problem) for row in rows for problem in _find_malformed(row)]
    found += _find_contradictions(in_force)
    found += _find_same_names(in_force)
    found += _find_circles(in_force)
    problems = [
        (row.seed, Problem(row.line, what, remedy)) for row, what, remedy in found
    ]
    ordered = sorted(problems, key=lambda one: (one[0], one[1].line, one[1].what))
    return [(by_name[name], problem) for name, problem in ordered]


def read_correction(seed: str, line: int, row: Row) -> Correction:
    """Return a row of a seed as a correction."""

    def text(column: str) -> str | None:
        # spaces alone, as trim() of DuckDB in int_corrections
        return (row.get(column) or "").strip(" ") or None

    def lower(column: str) -> str | None:
        found = text(column)
        return found and found.lower()

    actions = ACTIONS[seed]
    return Correction(
        seed,
        line,
        action=actions[0] if len(actions) == 1 else lower("action"),
        store_id=text("store_id"),
        category=text("category"),
        side=lower("side"),
        cluster_id=text("cluster_id"),
        value=text("k") if seed == "fixed_k" else text("value"),
        reason=text("reason"),
        author=text("author"),
        expires_on=text("expires_on"),
    )


def _find_malformed(row: Correction) -> Iterator[tuple[str, str]]:
    """Yield problem and remedy of a row by itself."""
    for is_wrong, what, remedy in RULES:
        if is_wrong(row):
            yield what(row), remedy


Rule = tuple[Callable[[Correction], bool], Callable[[Correction], str], str]


def _one_of(column: str, found: str | None, known: Sequence[str]) -> str:
    said = repr(found) if found else "(empty)"
    return f"{column} {said} is unknown, expected one of: {', '.join(known)}"


def _says(text: str) -> Callable[[Correction], str]:
    return lambda row: text


RULES: list[Rule] = [
    (
        lambda row: row.action not in ACTIONS[row.seed],
        lambda row: _one_of("action", row.action, ACTIONS[row.seed]),
        "correct or remove the row",
    ),
    (
        lambda row: row.reason is None,
        _says("reason is missing"),
        "say why, for those who read it later",
    ),
    (
        lambda row: row.author is None,
        _says("author is missing"),
        "say who knows more about it",
    ),
    (
        lambda row: row.expires_on is not None and read_day(row.expires_on) is None,
        lambda row: f"expires_on {row.expires_on!r} is no date",
        "write it like 2027-01-31, or leave it empty: it holds until it is removed",
    ),
    (
        lambda row: row.category is None,
        _says("category is missing"),
        "name the category",
    ),
    (
        lambda row: row.seed in OF_STORES and row.store_id is None,
        _says("store_id is missing"),
        "name the store",
    ),
    (
        lambda row: row.seed == "fixed_k" and row.side not in SIDES,
        lambda row: _one_of("side", row.side, SIDES),
        "correct or remove the row",
    ),
    (
        lambda row: (
            row.cluster_id is None
            and (row.action == "move" or row.seed == "cluster_corrections")
        ),
        _says("cluster_id is missing"),
        "name the cluster by its number",
    ),
    (
        lambda row: row.cluster_id is not None and _number(row.cluster_id) is None,
        lambda row: f"cluster_id {row.cluster_id!r} is no number of a cluster",
        "name the cluster by its number, as the mart cluster_summary has it",
    ),
    (
        lambda row: row.action in ("name", "merge", "fix_k") and row.value is None,
        lambda row: {
            "name": "value is missing: the name",
            "merge": "value is missing: the cluster to merge into",
            "fix_k": "k is missing",
        }[str(row.action)],
        "fill it in",
    ),
    (
        lambda row: (
            row.action in ("merge", "fix_k")
            and row.value is not None
            and _number(row.value) is None
        ),
        lambda row: (
            f"{'k' if row.action == 'fix_k' else 'value'} {row.value!r} is no whole"
            " number from 1 up"
        ),
        "correct or remove the row",
    ),
    (
        lambda row: row.action in STATUSES and row.value is not None,
        lambda row: f"value {row.value!r} means nothing to {row.action}",
        "leave it empty",
    ),
]


def _find_contradictions(
    rows: Sequence[Correction],
) -> Iterator[tuple[Correction, str, str]]:
    first: dict[tuple[str | None, ...], int] = {}
    for row in rows:
        before = first.setdefault(row.decides, row.line)
        if before != row.line:
            what = f"it decides what line {before} decides ({row.about})"
            yield row, what, "keep one of the two, or let one expire"


def _find_same_names(
    rows: Sequence[Correction],
) -> Iterator[tuple[Correction, str, str]]:
    first: dict[tuple[str | None, str], int] = {}
    for row in rows:
        if row.action != "name" or row.value is None:
            continue
        before = first.setdefault((row.category, row.value), row.line)
        if before != row.line:
            what = f"name {row.value!r} is that of line {before}, too"
            yield row, what, "give each cluster of a category a name of its own"


def _find_circles(rows: Sequence[Correction]) -> Iterator[tuple[Correction, str, str]]:
    """Yield merges that lead back to their own cluster."""
    into: dict[tuple[str | None, int], set[int]] = {}
    merges = [
        (row, _number(row.cluster_id), _number(row.value))
        for row in rows
        if row.action == "merge"
    ]
    for row, cluster, target in merges:
        if cluster is not None and target is not None:
            into.setdefault((row.category, cluster), set()).add(target)
    for row, cluster, target in merges:
        if cluster is None or target is None:
            continue
        reached, waiting = set(), {target}
        while waiting:
            reached |= waiting
            following = [into.get((row.category, one), set()) for one in waiting]
            waiting = set().union(*following) - reached
        if cluster in reached:
            what = (
                f"cluster {cluster} of {row.category} is merged into itself, or in a"
                " circle"
            )
            yield row, what, "take one of these merges out"


def _number(text: str | None) -> int | None:
    """Return a positive whole number; None if the text is not one."""
    number = int(text) if text and WHOLE.fullmatch(text) else 0
    return number if 1 <= number <= LARGEST else None
