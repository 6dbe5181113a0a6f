"""Clusters: what the clusters of a category are, and what sets one apart."""

import html

import pandas as pd
import streamlit as st

from clustering.dashboard import tables
from clustering.dashboard.choices import choose_category, choose_cluster
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.dashboard.views import correct
from clustering.presentation import style, words
from clustering.presentation.charts import clusters as charts
from clustering.queries import clusters, overview

IN_WORDS = 5
# Marts that the form for corrections reads.
FOR_CORRECTIONS = {"store_clusters", "store_need_state_shares", "k_selection"}
ABOUT_INDEX = (
    "Index of each cluster's mean: 100 is the average store of the category, 200 twice"
    " that. Where a feature may be negative, it is the difference, with its sign. Blue"
    " is below, orange above. Above what sells in the stores, as shares of their"
    " sales;"
    " below what surrounds them. The most distinctive features come first."
)


def render(run: Run) -> None:
    """Show the page."""
    category = choose_category(run)
    cluster_id = choose_cluster(run, category)
    summary, currency = clusters.summary(run, category), overview.currency(run)
    _show_cluster(summary, cluster_id, currency)
    correct.show_outcome()
    if run.tables >= FOR_CORRECTIONS:
        correct.show_cluster_form(run, category, cluster_id)
    _show_profile(run, category=category, cluster_id=cluster_id)
    _compare(run, category, cluster_id)
    st.header(f"All clusters of {words.plain(category)}", anchor=False)
    features = clusters.heat_map(run, category)
    if len(features):
        st.altair_chart(charts.heat_map(features, chosen=cluster_id))
        st.caption(ABOUT_INDEX)
    _show_summary(summary, category, currency)


def _show_cluster(summary: pd.DataFrame, cluster_id: int, currency: str) -> None:
    by_id = summary.set_index("cluster_id")
    cluster = by_id.loc[cluster_id]
    name = html.escape(cluster["cluster_name"])
    st.html(f"<h2 class='name'>{style.swatch(cluster_id)} {cluster_id} · {name}</h2>")
    figures = {
        "Stores": words.number(cluster["store_count"]),
        "Of all stores": words.percent(cluster["store_share"]),
        "Of all sales": words.percent(cluster["sales_share"]),
        "Sales per store": words.money(
            words.short_number(cluster["sales_per_store"]), currency
        ),
        "Silhouette": words.number(cluster["silhouette"], decimals=2),
        "Stability": words.number(cluster["jaccard"], decimals=2),
    }
    tables.show_figures(figures)
    st.caption(words.plain(_describe(cluster, by_id["cluster_name"])))


def _describe(cluster: pd.Series, names: pd.Series) -> str:
    said = [f"Stability: {cluster['stability_band']}."]
    if pd.notna(nearest := cluster["nearest_cluster"]):
        said.append(f"Nearest: cluster {nearest:.0f}, {names[int(nearest)]}.")
    for column, what in LATECOMERS.items():
        if cluster[column]:
            said.append(f"{words.count(cluster[column], 'store')} {what}.")
    return " ".join(said)


LATECOMERS = {
    "inferred_count": "did not shape it and joined afterwards",
    "reassigned_count": "came from small clusters that were merged",
    "outlier_count": "unlike all others",
}


def _show_profile(run: Run, *, category: str, cluster_id: int) -> None:
    profile = clusters.profile(run, category, cluster_id)
    if profile.empty:
        st.info(
            "Nothing sets this cluster apart from the average of its category: it is"
            " the only one, or its stores are like all others."
        )
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader("Against the average", anchor=False)
        st.altair_chart(charts.against_average(profile))
    with right:
        st.subheader("In words", anchor=False)
        _list(profile["comparison"].dropna()[:IN_WORDS].tolist())
        _show_reasons(run, category=category, cluster_id=cluster_id)


def _compare(run: Run, category: str, cluster_id: int) -> None:
    """Let another cluster be chosen, and show what the two differ in."""
    names = clusters.names(run, category)
    others = [number for number in names if number != cluster_id]
    if not others:
        return
    st.header("Compare two clusters", anchor=False)
    other = st.selectbox(
        "Beside",
        others,
        format_func=lambda number: f"{number} · {names[number]}",
    )
    found = clusters.difference(run, category, cluster_id, other)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.altair_chart(charts.side_by_side(found, cluster_id, other))
    with right:
        st.caption(f"Index here, and in cluster {other}; 100 is the average store.")
        _list(
            [
                f"{row['label']}: {row['figure']}, there {row['other_figure']}"
                for row in found.head(IN_WORDS).to_dict("records")
            ]
        )


def _show_reasons(run: Run, *, category: str, cluster_id: int) -> None:
    st.subheader("Why stores are in it", anchor=False)
    if "store_reasons" not in run.tables:
        st.info(
            words.lacks(run.built_at, ["store_reasons"]), icon=":material/table_view:"
        )
        return
    reasons = clusters.reasons(run, category, cluster_id)
    shares = zip(reasons["label"], reasons["store_share"], strict=True)
    _list(
        [
            f"{label}, for {words.percent(share)} of its stores"
            for label, share in shares
        ]
    )


def _list(lines: list[str]) -> None:
    st.markdown("\n".join(f"- {words.plain(line)}" for line in lines))


def _show_summary(summary: pd.DataFrame, category: str, currency: str) -> None:
    tables.show(
        summary,
        COLUMNS,
        currency=currency,
        coloured=["cluster_id", "nearest_cluster"],
        column_order=list(COLUMNS),
    )
    tables.offer(summary, f"clusters {category}")


COLUMNS = {
    "cluster_id": st.column_config.NumberColumn("Cluster", width=60),
    "cluster_name": st.column_config.TextColumn("Name", width=240),
    "store_count": tables.whole("Stores"),
    "store_share": tables.share("Of stores"),
    "sales": tables.whole("Sales"),
    "sales_share": tables.share("Of sales"),
    "silhouette": tables.decimal("Silhouette"),
    "jaccard": tables.decimal("Stability"),
    "nearest_cluster": st.column_config.NumberColumn("Nearest", width=60),
}

VIEW = View(
    title="Clusters",
    path="clusters",
    icon=":material/bubble_chart:",
    tables=("cluster_summary", "cluster_profiles"),
    render=render,
    about="What the clusters of a category are, and what sets each one apart.",
)
