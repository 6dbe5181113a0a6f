"""Map: the stores of a category on a map, and by similarity."""

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import (
    choose,
    choose_category,
    set_choice,
    show_legend,
)
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.dashboard.views import store
from clustering.presentation import words
from clustering.presentation.charts import stores as charts
from clustering.queries import clusters, overview
from clustering.queries import stores as store_queries

ALL = "all"
EVERYWHERE = "everywhere"
ONE, EACH = "One map", "A map per cluster"
# Pixels of each of several maps, and how many stand in a row.
SMALL, IN_ROW = 260, 3
NO_COORDINATES = (
    "The input has no coordinates. Add LATITUDE and LONGITUDE to the table"
    " store_attributes to see the stores on the map."
)


def render(run: Run) -> None:
    """Show the page."""
    category = choose_category(run)
    names = clusters.names(run, category)
    chosen = _choose_highlight(names)
    stores = _name_clusters(store_queries.places(run, category), names)
    stores = _choose_place(run, category, stores)
    show_legend(names)
    view = st.segmented_control(
        "View", [ONE, EACH], default=ONE, label_visibility="collapsed"
    )
    if view == EACH:
        _show_each(stores, names)
    else:
        _show_one(stores, chosen)
    _show_table(run, stores, category)


def _show_one(stores: pd.DataFrame, chosen: int | None) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.header("On the map", anchor=False)
        _show_geography(stores, chosen)
    with right:
        st.header("By similarity", anchor=False)
        st.altair_chart(charts.by_similarity(stores, chosen=chosen))
    st.caption(
        "Scroll to zoom, drag to move; a store is larger the more it sells, and a click"
        " opens it. By similarity: the two axes along which stores differ most, in what"
        " sells in them and what surrounds them."
    )


def _show_each(stores: pd.DataFrame, names: dict[int, str]) -> None:
    """Show a small map per cluster, in which only its stores have a colour."""
    if stores["longitude"].isna().all():
        st.info(NO_COORDINATES, icon=":material/location_off:")
        return
    numbers = sorted(stores["cluster_id"].unique().tolist())
    for start in range(0, len(numbers), IN_ROW):
        columns = st.columns(IN_ROW, gap="small")
        for column, number in zip(columns, numbers[start:], strict=False):
            count = int((stores["cluster_id"] == number).sum())
            with column:
                st.markdown(f"**{number} · {words.plain(names[number])}**")
                st.caption(words.count(count, "store"))
                shown = charts.thin_others(stores, chosen=number)
                st.altair_chart(
                    charts.on_the_map(shown, chosen=number, height=SMALL),
                    key=f"map of {number}",
                )


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


def _choose_place(run: Run, category: str, stores: pd.DataFrame) -> pd.DataFrame:
    """Let a city, region or other text be chosen; return its stores, or all."""
    labels = store_queries.labels(run, category).to_dict("records")
    if not labels:
        return stores
    by_name = {f"{row['label_name']}: {row['label']}": row for row in labels}
    name = choose(
        "Where",
        [EVERYWHERE, *by_name],
        key="where",
        show=lambda name: _say_place(name, by_name),
        help="The map zooms to these stores.",
    )
    if name == EVERYWHERE:
        return stores
    row = by_name[name]
    there = store_queries.with_label(run, row["label_name"], row["label"])
    return stores[stores["store_id"].isin(there)].reset_index(drop=True)


def _say_place(name: str, by_name: dict[str, dict]) -> str:
    if name == EVERYWHERE:
        return "Everywhere"
    return f"{name}, {words.count(by_name[name]['store_count'], 'store')}"


def _show_geography(stores: pd.DataFrame, chosen: int | None) -> None:
    unknown = int(stores["longitude"].isna().sum())
    if unknown == len(stores):
        st.info(NO_COORDINATES, icon=":material/location_off:")
        return
    event = st.altair_chart(
        charts.on_the_map(stores, chosen=chosen),
        on_select="rerun",
        selection_mode="store",
        key="map",
    )
    if clicked := event.selection.get("store"):
        store.VIEW.open(store=clicked[0]["store_id"])
    if unknown:
        st.caption(f"{words.count(unknown, 'store')} without coordinates: not shown.")


def _show_table(run: Run, stores: pd.DataFrame, category: str) -> None:
    """Show the clusters on the map; a row shows its cluster alone in its colour."""
    grouped = stores.groupby(["cluster_id", "cluster"], observed=True, as_index=False)
    counted = grouped.agg(store_count=("store_id", "count"), sales=("sales", "sum"))
    key = f"clusters on the map of {category}"

    def show_chosen() -> None:
        rows = st.session_state[key].selection.rows
        set_choice("highlight", counted["cluster_id"].iloc[rows[0]] if rows else ALL)

    tables.show(
        counted,
        COLUMNS,
        currency=overview.currency(run),
        coloured=["cluster_id"],
        column_order=list(COLUMNS),
        on_select=show_chosen,
        selection_mode="single-row",
        key=key,
    )
    st.caption("Choose a row to see its stores in their colour, the others in grey.")
    tables.offer(stores, f"map {category}")


COLUMNS = {
    "cluster_id": st.column_config.NumberColumn("Cluster", width=60),
    "cluster": st.column_config.TextColumn("Name", width="large"),
    "store_count": tables.whole("Stores shown"),
    "sales": tables.whole("Sales"),
}

VIEW = View(
    title="Map",
    path="map",
    icon=":material/map:",
    tables=("store_map", "store_clusters", "cluster_summary"),
    render=render,
    about="Where the stores of each cluster are, and which stores are alike.",
)
