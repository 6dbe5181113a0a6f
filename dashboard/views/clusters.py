"""Clusters: what the clusters of a category are, and what sets one apart."""

import html

import pandas as pd
import streamlit as st

from dashboard import downloads, palette, tables, words
from dashboard.charts import profiles
from dashboard.choices import choose_category, choose_cluster
from dashboard.published import Run
from dashboard.queries import clusters
from dashboard.view import View


def render(run: Run) -> None:
    """Show the page."""
    category = choose_category(run)
    cluster_id = choose_cluster(run, category)
    summary = clusters.summary(run, category)
    _show_cluster(summary, cluster_id)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_profile(run, category, cluster_id)
    with right:
        _show_reasons(run, category, cluster_id)
    _show_heat_maps(run, category, cluster_id)
    _show_summary(summary, category)


def _show_cluster(summary: pd.DataFrame, cluster_id: int) -> None:
    by_id = summary.set_index("cluster_id")
    cluster = by_id.loc[cluster_id]
    name = html.escape(cluster["cluster_name"])
    st.html(f"<h3>{palette.swatch(cluster_id)} {cluster_id} · {name}</h3>")
    figures = {
        "Stores": words.number(cluster["store_count"]),
        "Of all stores": words.percent(cluster["store_share"]),
        "Of all sales": words.percent(cluster["sales_share"]),
        "Sales per store": words.short_number(cluster["sales_per_store"]),
        "Silhouette": words.number(cluster["silhouette"], decimals=2),
        "Stability": words.number(cluster["jaccard"], decimals=2),
    }
    for column, (label, figure) in zip(st.columns(6), figures.items(), strict=True):
        column.metric(label, figure, border=True)
    st.caption(_describe(cluster, by_id["cluster_name"]))


def _describe(cluster: pd.Series, names: pd.Series) -> str:
    band = cluster["stability_band"]
    said = [f"It is {band}." if band != "one cluster" else "It is the only cluster."]
    if pd.notna(nearest := cluster["nearest_cluster"]):
        said.append(f"Nearest is cluster {nearest:.0f}, {names[int(nearest)]}.")
    placed = int(cluster["inferred_count"])
    if placed:
        said.append(f"{words.count(placed, 'store')} did not shape it: placed later.")
    return " ".join(said)


def _show_profile(run: Run, category: str, cluster_id: int) -> None:
    st.subheader("Against the average", anchor=False)
    profile = clusters.profile(run, category, cluster_id)
    if profile.empty:
        st.info("Nothing sets this cluster apart: it is the whole category.")
        return
    st.altair_chart(profiles.against_average(profile))


def _show_reasons(run: Run, category: str, cluster_id: int) -> None:
    st.subheader("In words", anchor=False)
    for row in clusters.profile(run, category, cluster_id, features=5).itertuples():
        st.markdown(f"- {words.against_average(row)}")
    if "store_reasons" not in run.tables:
        return
    reasons = clusters.reasons(run, category, cluster_id)
    st.markdown("**Why stores are in it**, most often:")
    for row in reasons.itertuples():
        st.markdown(f"- {row.feature}: {words.percent(row.store_share)} of its stores")


def _show_heat_maps(run: Run, category: str, cluster_id: int) -> None:
    st.subheader("All clusters beside each other", anchor=False)
    for block, title in clusters.BLOCKS.items():
        frame = clusters.heat_map(run, category, block)
        if frame.empty:
            continue
        st.markdown(f"**{title}**")
        st.altair_chart(profiles.heat_map(frame, chosen=cluster_id))


def _show_summary(summary: pd.DataFrame, category: str) -> None:
    st.dataframe(
        tables.coloured(summary),
        hide_index=True,
    )
    downloads.offer(summary, f"clusters {category}")


VIEW = View(
    title="Clusters",
    path="clusters",
    icon=":material/bubble_chart:",
    tables=("cluster_summary", "cluster_profiles", "store_clusters"),
    render=render,
)
