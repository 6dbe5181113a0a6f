"""Migrations: which stores changed cluster between two runs."""

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import (
    ONLY_ONE_RUN,
    choose_category,
    choose_other,
    show_legend,
)
from clustering.dashboard.published import Run, long_name, versions_by_run
from clustering.dashboard.view import View
from clustering.presentation import words
from clustering.presentation.charts import comparison as charts
from clustering.queries import clusters, comparison


def render(run: Run) -> None:
    """Show the page."""
    other = choose_other(run, tables=VIEW.tables)
    if other is None:
        st.info(ONLY_ONE_RUN, icon=":material/compare_arrows:")
        return
    before, run = sorted((run, other), key=lambda end: end.name)  # as time goes
    category = choose_category(run)
    retention = comparison.retention(run, before)
    _show_figures(retention, category)
    flows = comparison.flows(run, before, category)
    left, right = st.columns(2, gap="medium")
    with left:
        known = versions_by_run(run.folder.parents[1])
        names = (words.plain(long_name(end, known)) for end in (before, run))
        st.markdown("**{}** to **{}**".format(*names))
        st.altair_chart(charts.alluvial(flows))
    with right:
        st.markdown("**Stores, from cluster (row) to cluster (column)**")
        st.altair_chart(charts.matrix(flows))
    _show_names(before, run, category)
    _show_moved(comparison.moved(run, before, category), category)
    _show_retention(retention)


def _show_names(before: Run, run: Run, category: str) -> None:
    """Show the names of the clusters: those of either run, where they differ."""
    former, names = (clusters.names(end, category) for end in (before, run))
    if former == names:
        show_legend(names)
        return
    for title, shown in (("Before", former), ("Now", names)):
        st.caption(title)
        show_legend(shown)


def _show_figures(retention: pd.DataFrame, category: str) -> None:
    figures = retention.set_index("category").loc[category]
    shown = {
        "Kept their cluster": words.percent(figures["retention"]),
        "Stores of both runs": words.number(figures["shared"]),
        "Moved": words.number(figures["moved"]),
        "Joined": words.number(figures["joined"]),
        "Left": words.number(figures["left"]),
    }
    tables.show_figures(shown)


def _show_moved(moved: pd.DataFrame, category: str) -> None:
    st.header("Stores that moved", anchor=False)
    if moved.empty:
        st.success("No store moved.", icon=":material/check:")
        return
    tables.show(
        moved.head(SHOWN),
        COLUMNS,
        coloured=["previous_cluster_id", "cluster_id"],
        height=300,
    )
    if len(moved) > SHOWN:
        st.caption(f"The first {SHOWN:,} of {len(moved):,}; the downloads have all.")
    tables.offer(moved, f"moved {category}")


def _show_retention(retention: pd.DataFrame) -> None:
    st.header("All categories", anchor=False)
    tables.show(retention, COLUMNS)
    tables.offer(retention, "retention")


# Rows of a table that are sent to the browser.
SHOWN = 250
COLUMNS = {
    "store_id": "Store",
    "category": "Category",
    "movement": st.column_config.TextColumn("Movement", width=80),
    "previous_cluster_id": st.column_config.NumberColumn("Before", width=55),
    "previous_cluster_name": st.column_config.TextColumn("Name before", width=250),
    "cluster_id": st.column_config.NumberColumn("Now", width=45),
    "cluster_name": st.column_config.TextColumn("Name now", width=250),
    "shared": tables.whole("Stores of both runs"),
    "stayed": tables.whole("Stayed"),
    "moved": tables.whole("Moved"),
    "joined": tables.whole("Joined"),
    "left": tables.whole("Left"),
    "retention": tables.share("Kept their cluster"),
}

VIEW = View(
    title="Migrations",
    path="migrations",
    icon=":material/compare_arrows:",
    tables=("store_clusters", "cluster_summary"),
    render=render,
    about="Which stores changed cluster between two runs.",
)
