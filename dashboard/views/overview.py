"""Overview: the run in figures, and every category with its clusters."""

import pandas as pd
import streamlit as st

from dashboard import downloads, words
from dashboard.charts.sizes import sizes as sizes_chart
from dashboard.published import Run
from dashboard.queries import overview
from dashboard.view import View


def render(run: Run) -> None:
    """Show the page."""
    _show_totals(overview.totals(run))
    _show_state(run)
    _show_categories(overview.categories(run))
    st.subheader("Sizes of the clusters", anchor=False)
    st.altair_chart(sizes_chart(overview.sizes(run)))


def _show_totals(totals: pd.Series) -> None:
    quarantined = totals["rows_quarantined"] / totals["rows_read"]
    figures = {
        "Stores": words.number(totals["stores"]),
        "Categories": words.number(totals["categories"]),
        "Clusters": words.number(totals["clusters"]),
        "Sales": words.short_number(totals["sales"]),
        "Rows quarantined": words.number(totals["rows_quarantined"]),
    }
    helps = {
        "Sales": words.number(totals["sales"], decimals=2),
        "Rows quarantined": f"{words.percent(quarantined, decimals=3)} of"
        f" {words.number(totals['rows_read'])} rows of input",
    }
    for column, (label, figure) in zip(st.columns(5), figures.items(), strict=True):
        column.metric(label, figure, border=True, help=helps.get(label))


def _show_state(run: Run) -> None:
    st.caption(f"Run `{run.name}`")


def _show_categories(categories: pd.DataFrame) -> None:
    st.subheader("Categories", anchor=False)
    st.dataframe(categories, hide_index=True)
    downloads.offer(categories.drop(columns="sizes"), "categories")


VIEW = View(
    title="Overview",
    path="overview",
    icon=":material/dashboard:",
    tables=(
        "store_clusters",
        "cluster_summary",
        "cluster_quality",
        "input_reconciliation",
    ),
    render=render,
)
