"""Map: the stores of a category on a map, and by similarity."""

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import choose, choose_category, show_legend
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.presentation import words
from clustering.presentation.charts import stores as charts
from clustering.queries import clusters
from clustering.queries import stores as store_queries

ALL = "all"


def render(run: Run) -> None:
    """Show the page."""
    category = choose_category(run)
    names = clusters.names(run, category)
    chosen = _choose_highlight(names)
    stores = _name_clusters(store_queries.places(run, category), names)
    show_legend(names)
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("On the map", anchor=False)
        _show_geography(stores, chosen)
    with right:
        st.subheader("By similarity", anchor=False)
        st.altair_chart(charts.by_similarity(stores, chosen=chosen))
    st.caption(
        "Scroll to zoom, drag to move. By similarity: the two axes along which stores"
        " differ most, in what sells in them and what surrounds them."
    )
    tables.offer(stores, f"map {category}")


def _name_clusters(stores: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Add what a pointer shows; as categories, so that each text is sent once."""
    labels = {
        cluster_id: f"{cluster_id} · {name}" for cluster_id, name in names.items()
    }
    return stores.assign(
        cluster=stores["cluster_id"].map(labels).astype("category"),
        assignment_method=stores["assignment_method"].astype("category"),
    )


def _choose_highlight(names: dict[int, str]) -> int | None:
    chosen = choose(
        "Show",
        [ALL, *map(str, names)],
        key="highlight",
        show=lambda chosen: _label(chosen, names),
    )
    return None if chosen == ALL else int(chosen)


def _label(chosen: str, names: dict[int, str]) -> str:
    return "All clusters" if chosen == ALL else f"{chosen} · {names[int(chosen)]}"


def _show_geography(stores: pd.DataFrame, chosen: int | None) -> None:
    unknown = int(stores["longitude"].isna().sum())
    if unknown == len(stores):
        st.info(
            "The input has no coordinates. Add LATITUDE and LONGITUDE to the table"
            " store_attributes to see the stores on the map.",
            icon=":material/location_off:",
        )
        return
    st.altair_chart(charts.on_the_map(stores, chosen=chosen))
    if unknown:
        st.caption(f"{words.count(unknown, 'store')} without coordinates: not shown.")


VIEW = View(
    title="Map",
    path="map",
    icon=":material/map:",
    tables=("store_map", "store_clusters", "cluster_summary"),
    render=render,
    about="Where the stores of each cluster are, and which stores are alike.",
)
