"""Store: one store, in all the categories that it sells."""

import streamlit as st

from dashboard import downloads, tables
from dashboard.charts.history import history as history_chart
from dashboard.choices import choose
from dashboard.published import Run, kept
from dashboard.queries import stores
from dashboard.view import View


def render(run: Run) -> None:
    """Show the page."""
    store_id = choose("Store", stores.ids(run), key="store")
    categories = stores.categories(run, store_id)
    st.subheader(f"Store {store_id}", anchor=False)
    st.dataframe(
        tables.coloured(categories, ["cluster_id", "next_best_cluster"]),
        hide_index=True,
    )
    downloads.offer(categories, f"store {store_id}")
    if "store_reasons" in run.tables:
        st.dataframe(stores.reasons(run, store_id), hide_index=True)
    _show_history(run, store_id)


def _show_history(run: Run, store_id: str) -> None:
    st.subheader("History", anchor=False)
    runs = kept(run.folder.parents[1])
    places = stores.history(runs, store_id)
    st.altair_chart(history_chart(places))


VIEW = View(
    title="Store",
    path="store",
    icon=":material/storefront:",
    tables=("store_clusters", "cluster_summary"),
    render=render,
)
