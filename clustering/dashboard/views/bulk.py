"""Many corrections at once: moves in a table of a category, and rows of a CSV file."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from clustering.core.errors import CommandError, InputError
from clustering.core.seeds.corrections import SEEDS, find_problems, read_correction
from clustering.core.seeds.tables import Row, Seed, parse_seed
from clustering.dashboard import tables
from clustering.dashboard.choices import choose_category
from clustering.dashboard.correcting import Corrector
from clustering.dashboard.published import Run
from clustering.dashboard.views.correct import ask_who, attempt, show_effect
from clustering.presentation import words
from clustering.queries import clusters, corrections

ABOUT_TABLE = "Choose another cluster in the column Cluster; each change is a move."
ABOUT_UPLOAD = (
    "A CSV file with the columns of a seed. It is saved whole, or not at all: rows that"
    " are invalid, or that contradict other corrections, are named by their line."
)
SAVED = "Saved; they count from the next run on."
# Problems of a file that are shown.
MOST_PROBLEMS = 10
# Cluster per store that goes there, by category.
Moves = dict[str, dict[str, int]]


def show_table(run: Run, corrector: Corrector) -> None:
    """Let stores of a category be moved in a table."""
    st.header("Move stores in a table", anchor=False)
    category = choose_category(run)
    names = clusters.names(run, category)
    labels = {number: f"{number} · {name}" for number, name in names.items()}
    stores = corrections.clusters_by_store(run, category)
    shown = stores.assign(
        cluster=stores["cluster_id"].map(labels), sales=stores["sales"].round()
    )
    st.caption(ABOUT_TABLE)
    edited = st.data_editor(
        shown,
        hide_index=True,
        column_order=["store_id", "cluster", "next_best_cluster", "sales"],
        column_config={
            "store_id": "Store",
            "cluster": st.column_config.SelectboxColumn(
                "Cluster", options=list(labels.values()), required=True, width="large"
            ),
            "next_best_cluster": st.column_config.NumberColumn("Next best", width=70),
            "sales": tables.whole("Sales"),
        },
        disabled=["store_id", "next_best_cluster", "sales"],
        height=280,
        key=f"stores of {category} {run.name}",
    )
    numbers = {label: number for number, label in labels.items()}
    moved = edited[edited["cluster"] != shown["cluster"]]
    if moved.empty:
        return
    targets = moved.set_index("store_id")["cluster"].map(numbers)
    show_effect(run, category, targets.to_dict())
    who = ask_who("moves")
    rows: list[Row] = [
        {"store_id": store, "category": category, "action": "move"}
        | {"cluster_id": str(target)}
        | who
        for store, target in targets.items()
    ]
    _offer_to_save(corrector, "store_corrections", rows, "move")


def show_upload(run: Run, corrector: Corrector) -> None:
    """Let rows of a CSV file be added to a seed, once it is shown what they do."""
    st.header("From a file", anchor=False)
    st.caption(ABOUT_UPLOAD)
    seed = st.selectbox("Seed", SEEDS, index=SEEDS.index("store_corrections"))
    file = st.file_uploader("CSV file", type="csv", key="corrections file")
    if file is None:
        return
    rows, problems = _read(corrector, seed, file.getvalue())
    if problems:
        _show_problems(problems)
        return
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=200, placeholder="-")
    _show_moves(run, _find_moves(run, seed, rows))
    _offer_to_save(corrector, seed, rows, "row")


def _read(
    corrector: Corrector, seed: str, content: bytes
) -> tuple[list[Row], list[str]]:
    """Return the rows of a file, and why they cannot be added to a seed."""
    try:
        given = parse_seed(seed, content)
    except InputError as error:
        return [], [str(error)]
    rows = list(given.rows.values())
    if not rows:
        return [], ["The file has no rows."]
    try:
        corrector.check(seed, rows)
    except InputError as error:
        return rows, _list_problems(given) or [str(error)]
    except CommandError as error:
        return rows, [str(error)]
    return rows, []


def _list_problems(given: Seed) -> list[str]:
    """Return the problems of a file by itself, by its lines."""
    return [
        f"Line {problem.line}: {problem.what}; {problem.remedy}."
        for _, problem in find_problems([given])
    ]


def _show_problems(problems: Sequence[str]) -> None:
    lines = [f"- {words.plain(line)}" for line in problems[:MOST_PROBLEMS]]
    if more := len(problems) - len(lines):
        lines.append(f"- and {more} more")
    st.error("\n".join(lines), icon=":material/error:")


def _find_moves(run: Run, seed: str, rows: Sequence[Row]) -> Moves:
    """Return where rows move stores: each alone, or all of a cluster that is merged."""
    moves: Moves = {}
    for row in (read_correction(seed, 0, row) for row in rows):
        if row.is_expired or row.category is None:
            continue
        if row.action == "move" and row.store_id and row.cluster_id:
            found = {row.store_id: int(row.cluster_id)}
        elif row.action == "merge" and row.cluster_id and row.value:
            stores = corrections.stores_in(run, row.category, int(row.cluster_id))
            found = dict.fromkeys(stores, int(row.value))
        else:
            continue
        moves.setdefault(row.category, {}).update(found)
    return moves


def _show_moves(run: Run, moves: Moves) -> None:
    """Show what moves would do to one of their categories, and which do nothing."""
    if not moves:
        st.caption("No row moves a store: what they change is seen after the run.")
        return
    category = st.selectbox("What it would do in", sorted(moves))
    known = set(corrections.clusters_by_store(run, category)["store_id"])
    there = {store: to for store, to in moves[category].items() if store in known}
    if unknown := sorted(set(moves[category]) - known):
        named = words.plain(", ".join(unknown[:MOST_PROBLEMS]))
        said = f"Of the file, but not in this category of the run: {named}."
        st.warning(said, icon=":material/help:")
    if there:
        show_effect(run, category, there)


def _offer_to_save(corrector: Corrector, seed: str, rows: list[Row], what: str) -> None:
    label = f"Save {words.count(len(rows), what)}"
    if st.button(label, type="primary", icon=":material/save:"):
        attempt(lambda: corrector.add(seed, rows), SAVED)
