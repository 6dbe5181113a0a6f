"""Recommendations: what to do in the stores of each cluster."""

import html
from collections.abc import Hashable
from typing import Any

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import choose_category
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.presentation import style, words
from clustering.queries import recommendations
from clustering.queries.recommendations import AREAS, PRIORITIES

# One colour per area: none of them stands for a cluster here.
AREA_COLOURS = {
    "assortment": "#31333F",
    "space": "#5B5F6B",
    "pricing": "#7A6A4F",
    "marketing": "#4F6F7A",
    "trust": "#B3261E",
}
QUIET = "color:#6B6E76;font-size:.78rem"
BADGE = (
    "<span style='background:{colour};color:white;border-radius:.35rem;"
    "padding:.1rem .45rem;font-size:.72rem;white-space:nowrap'>{text}</span>"
)
ITEM = (
    "<div style='display:flex;gap:.6rem;align-items:baseline;margin:.45rem 0'>"
    "<div style='flex:0 0 5.4rem'>{badge}</div>"
    "<div style='font-size:.9rem;line-height:1.35'>{said}"
    f"<div style='{QUIET}'>{{priority}} · {{evidence}}</div></div>"
    "</div>"
)


def render(run: Run) -> None:
    """Show the page."""
    category = choose_category(run, table="cluster_recommendations")
    areas, priorities = _choose_kinds()
    asked = recommendations.recommendations(
        run, category, areas=areas, priorities=priorities
    )
    if asked.empty:
        st.info(
            "No recommendation of this kind. Choose more areas or priorities above.",
            icon=":material/filter_alt:",
        )
    _show_cards(asked)
    _show_table(asked, category)
    _show_counts(recommendations.counts(run))


def _choose_kinds() -> tuple[list[str], list[int]]:
    left, right = st.columns([3, 2])
    with left:
        areas = st.pills(
            "Areas",
            AREAS,
            selection_mode="multi",
            default=AREAS,
            format_func=str.capitalize,
            key="areas",
        )
    with right:
        priorities = st.pills(
            "Priorities",
            list(PRIORITIES),
            selection_mode="multi",
            default=list(PRIORITIES),
            format_func=lambda priority: PRIORITIES[priority].capitalize(),
            key="priorities",
        )
    return areas, priorities


def _show_cards(asked: pd.DataFrame) -> None:
    columns = st.columns(2, gap="medium")
    for place, (_, rows) in enumerate(asked.groupby("cluster_id")):
        with columns[place % 2], st.container(border=True):
            st.html(_card(rows))


def _card(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    cluster_id = int(first["cluster_id"])
    head = (
        f"<b>{style.swatch(cluster_id)} {cluster_id} ·"
        f" {html.escape(first['cluster_name'])}</b><div style='{QUIET}'>"
        f"{words.count(first['store_count'], 'store')},"
        f" {words.percent(first['sales_share'])} of sales</div>"
    )
    return head + "".join(_item(row) for row in rows.to_dict("records"))


def _item(row: dict[Hashable, Any]) -> str:
    area = row["area"]
    return ITEM.format(
        badge=BADGE.format(colour=AREA_COLOURS[area], text=area),
        said=html.escape(row["recommendation"]).replace(" %", "&nbsp;%"),
        priority=f"do {PRIORITIES[row['priority']]}",
        evidence=html.escape(row["evidence"]),
    )


def _show_table(asked: pd.DataFrame, category: str) -> None:
    st.header("As a table", anchor=False)
    tables.show(
        asked,
        COLUMNS,
        coloured=["cluster_id"],
        column_order=list(COLUMNS)[1:8],
        height=300,
    )
    tables.offer(asked, f"recommendations {category}")


def _show_counts(counts: pd.DataFrame) -> None:
    st.header("All categories", anchor=False)
    tables.show(counts, COLUMNS)


COLUMNS = {
    "category": "Category",
    "cluster_id": st.column_config.NumberColumn("Cluster", width=60),
    "priority": st.column_config.NumberColumn("Priority", width=60),
    "area": st.column_config.TextColumn("Area", width=90),
    "recommendation": st.column_config.TextColumn("Recommendation", width=520),
    "evidence": st.column_config.TextColumn("Evidence", width=180),
    "store_count": tables.whole("Stores"),
    "sales_share": tables.share("Of sales"),
    "clusters": tables.whole("Clusters"),
    **{area: tables.whole(area.capitalize()) for area in AREAS},
}

VIEW = View(
    title="Recommendations",
    path="recommendations",
    icon=":material/checklist:",
    tables=("cluster_recommendations",),
    render=render,
    about="What to do in the stores of each cluster, by the rules of the seed"
    " recommendation_rules.",
)
