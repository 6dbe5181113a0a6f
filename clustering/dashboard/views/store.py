"""Store: one store, in all the categories that it sells."""

import pandas as pd
import streamlit as st

from clustering.core.errors import PipelineError
from clustering.dashboard import similar, tables
from clustering.dashboard.choices import choose
from clustering.dashboard.models import load_model
from clustering.dashboard.published import Run, ever_live
from clustering.dashboard.view import View
from clustering.dashboard.views import correct
from clustering.presentation import words
from clustering.presentation.charts import stores as charts
from clustering.queries import stores

# Marts that the form for corrections reads.
FOR_CORRECTIONS = {"store_need_state_shares", "store_map"}
METHODS = {
    "fitted": "shaped the clusters",
    "reassigned": "from a small cluster that was merged",
    "inferred": "joined afterwards",
    "override": "placed by hand",
}


def render(run: Run) -> None:
    """Show the page."""
    store_id = choose("Store", stores.ids(run), key="store")
    categories = stores.categories(run, store_id)
    _show_totals(store_id, categories)
    _show_categories(categories, store_id)
    correct.show_outcome()
    if run.tables >= FOR_CORRECTIONS:
        correct.show_store_form(run, store_id, categories)
    _show_reasons(run, store_id)
    _show_similar(run, store_id)
    _show_history(run, store_id)


def _show_totals(store_id: str, categories: pd.DataFrame) -> None:
    figures = {
        "Store": store_id,
        "Categories": words.number(len(categories)),
        "Mean silhouette": words.number(categories["silhouette"].mean(), decimals=2),
        "Joined afterwards": words.number(
            (categories["assignment_method"] == "inferred").sum()
        ),
        "Unlike all others": words.number(categories["is_outlier"].sum()),
    }
    tables.show_figures(figures, helps=HELP)


HELP = {
    "Mean silhouette": "How much nearer it is to its own cluster than to the next one,"
    " from -1 to 1, on average over its categories.",
    "Joined afterwards": "Categories in which it did not shape the clusters: too few"
    " sales to go by.",
    "Unlike all others": "Categories in which it is an outlier.",
}


def _show_categories(categories: pd.DataFrame, store_id: str) -> None:
    st.header("Clusters", anchor=False)
    methods = categories["assignment_method"].map(METHODS)
    tables.show(
        categories.assign(method=methods),
        COLUMNS,
        coloured=["cluster_id", "next_best_cluster"],
        column_order=list(COLUMNS),
    )
    st.caption(
        "Distances are to the centre of its cluster, and to that of the next best one:"
        " where they are similar, it fits either."
    )
    tables.offer(categories, f"store {store_id}")


COLUMNS = {
    "category": st.column_config.TextColumn("Category", width=115),
    "cluster_id": st.column_config.NumberColumn("Cluster", width=55),
    "cluster_name": st.column_config.TextColumn("Name", width=330),
    "volume_band": st.column_config.TextColumn(
        "Volume",
        width=65,
        help="How large its sales are among those of the category's stores.",
    ),
    "silhouette": tables.decimal("Silhouette", width=70),
    "distance_to_centroid": tables.decimal("Distance", width=65),
    "next_best_cluster": st.column_config.NumberColumn("Next best", width=70),
    "next_best_distance": tables.decimal("Distance there", width=100),
    "method": st.column_config.TextColumn("Assignment", width=200),
    "next_best_name": st.column_config.TextColumn("Name of next best", width=330),
}


def _show_reasons(run: Run, store_id: str) -> None:
    st.header("Reasons", anchor=False)
    if "store_reasons" not in run.tables:
        st.info(
            words.lacks(run.built_at, ["store_reasons"]), icon=":material/table_view:"
        )
        return
    reasons = stores.reasons(run, store_id)
    tables.show(reasons, REASONS, column_order=list(REASONS))
    tables.offer(reasons, f"reasons of store {store_id}")


REASONS = {
    "category": st.column_config.TextColumn("Category", width=115),
    "reason": st.column_config.TextColumn("Reason, the strongest first", width=750),
}


def _show_similar(run: Run, store_id: str) -> None:
    st.subheader("Most similar stores", anchor=False)
    try:
        found = load_model(run).similar_in_run(store_id)
    except PipelineError as error:
        st.info(words.plain(str(error)), icon=":material/model_training:")
        return
    if "store_reasons" in run.tables:
        others = sorted(found["similar_store"].unique())
        why = stores.shared_reasons(run, store_id, others)
        found = found.merge(why, how="left", on=["category", "similar_store"])
    found = found.drop(columns="store_id")
    similar.show(found, name=f"stores similar to {store_id}")


def _show_history(run: Run, store_id: str) -> None:
    st.header("History", anchor=False)
    runs = ever_live(run.folder.parents[1])
    if len(runs) < 2:
        st.info(
            "Only one version has been live so far: from the second on, this shows how"
            " the store moved between clusters.",
            icon=":material/history:",
        )
        return
    st.altair_chart(charts.history(stores.history(runs, store_id)))


VIEW = View(
    title="Store",
    path="store",
    icon=":material/storefront:",
    tables=("store_clusters", "cluster_summary"),
    render=render,
    about="One store in all the categories that it sells, and why it is there.",
)
