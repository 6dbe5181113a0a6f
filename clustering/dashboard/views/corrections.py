"""Corrections: what people decided about stores and clusters, and what became of it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from clustering.core.errors import CommandError
from clustering.core.seeds.editing import read_corrections
from clustering.dashboard import login, tables
from clustering.dashboard.correcting import Corrector
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.dashboard.views import bulk
from clustering.dashboard.views.correct import attempt, show_outcome
from clustering.presentation import words
from clustering.queries import corrections
from clustering.store.builds import is_under_way

# What tells a correction of the seeds from the others of a run.
KEY = ("seed", "category", "store_id", "side", "cluster_id", "action", "value")
# Of those written since the run that is shown.
NEW = "with the next run"
# Key of the session: the process of the run that it started.
STARTED = "run that was started"
# Seconds between two looks at a run that is under way.
LOOK_EVERY = 3


def render(run: Run) -> None:
    """Show the page."""
    show_outcome()
    corrector = Corrector.from_environment()
    obstacle = corrector.find_obstacle()
    try:
        rows = _read(corrector, run)
    except (CommandError, FileNotFoundError) as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    _show_figures(rows)
    can_change = obstacle is None and login.ask()
    _show_rows(rows, corrector, can_change=can_change)
    _show_run(rows, corrector, obstacle, can_start=can_change)
    if can_change:
        bulk.show_table(run, corrector)
        bulk.show_upload(run, corrector)


def _read(corrector: Corrector, run: Run) -> pd.DataFrame:
    """Return one row per correction of the seeds, with what it did in the run."""
    seeds = pd.DataFrame(
        [vars(row) | {"is_expired": row.is_expired} for row in _list(corrector)],
        columns=[*KEY, "line", "reason", "author", "expires_on", "is_expired"],
    )
    known = {_key(row): row for row in corrections.rows_of_run(run).to_dict("records")}
    found = [known.get(_key(row)) for row in seeds.to_dict("records")]
    return seeds.assign(
        state=[row["state"] if row else NEW for row in found],
        outcome=[row["outcome"] if row else None for row in found],
    )


def _list(corrector: Corrector) -> list[Any]:
    return read_corrections(corrector.folder)


def _key(row: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a correction says; a number is one however it is written."""
    values = (row[name] for name in KEY)
    texts = ("" if pd.isna(value) else str(value) for value in values)
    return tuple(text.lstrip("0") if text.isdecimal() else text for text in texts)


def _show_figures(rows: pd.DataFrame) -> None:
    counts = rows["state"].value_counts()
    tables.show_figures(
        {
            "Corrections": words.number(len(rows)),
            "Applied": words.number(counts.get("applied", 0)),
            "With the next run": words.number(counts.get(NEW, 0)),
            "Stale or expired": words.number(
                counts.get("stale", 0) + counts.get("expired", 0)
            ),
        }
    )


def _show_rows(rows: pd.DataFrame, corrector: Corrector, *, can_change: bool) -> None:
    if rows.empty:
        st.info(
            "There are none. The pages Clusters and Store have forms to make them.",
            icon=":material/edit_off:",
        )
        return
    event = tables.show(
        rows,
        COLUMNS,
        coloured=[],
        column_order=list(COLUMNS),
        on_select="rerun" if can_change else "ignore",
        selection_mode="single-row",
        key="corrections",
    )
    tables.offer(rows, "corrections")
    if not can_change:
        return
    if not event.selection.rows:
        st.caption("Choose a row to remove it.")
        return
    row = rows.iloc[event.selection.rows[0]]
    if st.button("Remove this correction", icon=":material/delete:"):
        attempt(
            lambda: corrector.remove(row["seed"], int(row["line"])),
            f"Removed from seeds/{row['seed']}.csv; it counts from the next run on.",
        )


def _show_run(
    rows: pd.DataFrame, corrector: Corrector, obstacle: str | None, *, can_start: bool
) -> None:
    st.header("Build with them", anchor=False)
    if _is_running(corrector):
        _watch(corrector)
        return
    _show_failure(corrector)
    st.code(corrector.command, language=None, wrap_lines=True)
    if obstacle:
        st.info(f"{obstacle}: run this command.", icon=":material/terminal:")
    if not can_start:
        return
    news = int((rows["state"] == NEW).sum())
    waits = f"{words.count(news, 'correction')} wait for it." if news else ""
    st.caption(f"It builds, tests and publishes by the approval policy. {waits}")
    if st.button("Start the run", type="primary", icon=":material/play_arrow:"):
        try:
            st.session_state[STARTED] = corrector.start_run()
        except CommandError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
        else:
            st.rerun()


def _is_running(corrector: Corrector) -> bool:
    """Return whether a run is under way: one of this session, or of anybody."""
    process = st.session_state.get(STARTED)
    if process is not None and process.poll() is None:
        return True
    return is_under_way(corrector.paths)


def _show_failure(corrector: Corrector) -> None:
    """Show why the run that was started here failed, if it did."""
    process = st.session_state.get(STARTED)
    if process is not None and process.poll():
        *_, last = corrector.output.read_text(errors="replace").splitlines() or [""]
        st.error(f"The run failed. {words.plain(last)}", icon=":material/error:")


@st.fragment(run_every=LOOK_EVERY)
def _watch(corrector: Corrector) -> None:
    """Show what the run says, until it ends; then show the page anew."""
    if not _is_running(corrector):
        st.rerun(scope="app")
    st.info("A run is under way.", icon=":material/hourglass_top:")
    if STARTED in st.session_state and corrector.output.exists():
        said = corrector.output.read_text(errors="replace")
        st.code(said or "starting", language=None)


COLUMNS = {
    "seed": st.column_config.TextColumn("Seed", width=125),
    "line": st.column_config.NumberColumn("Line", width=40),
    "action": st.column_config.TextColumn("Action", width=65),
    "category": st.column_config.TextColumn("Category", width=110),
    "store_id": st.column_config.TextColumn("Store", width=60),
    "cluster_id": st.column_config.TextColumn("Cluster", width=55),
    "value": st.column_config.TextColumn("Value", width=110),
    "state": st.column_config.TextColumn("State", width=110),
    "outcome": st.column_config.TextColumn("Outcome", width=300),
    "reason": st.column_config.TextColumn("Reason", width=200),
    "author": st.column_config.TextColumn("Author", width=75),
    "expires_on": st.column_config.TextColumn("Until", width=80),
}

VIEW = View(
    title="Corrections",
    path="corrections",
    icon=":material/edit_note:",
    tables=("corrections", "store_clusters", "cluster_summary"),
    render=render,
    about="What people decided about stores and clusters, and what became of it.",
)
