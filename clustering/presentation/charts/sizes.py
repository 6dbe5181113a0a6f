"""Sizes of clusters."""

import altair as alt
import pandas as pd

from clustering.presentation import palette
from clustering.presentation.charts.style import LABELS, finish

ROW = 22


def sizes(frame: pd.DataFrame) -> alt.Chart:
    """Return one bar per category, divided into its clusters.

    Parameters
    ----------
    frame : DataFrame
        One row per category and cluster: category, cluster_id, cluster_name,
        store_count, store_share (0 to 1) and sales_share (0 to 1).
    """
    ids = frame["cluster_id"].tolist()
    bars = (
        alt.Chart(frame)
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X(
                "store_share:Q",
                stack="zero",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format=".0%", orient="top"),
                title="Share of the category's stores",
            ),
            y=alt.Y("category:N", title=None, axis=alt.Axis(**LABELS)),
            color=alt.Color(
                "cluster_id:N", scale=palette.scale(ids), legend=None, title="Cluster"
            ),
            order=alt.Order("cluster_id:Q"),
            tooltip=[
                alt.Tooltip("category:N", title="Category"),
                alt.Tooltip("cluster_id:N", title="Cluster"),
                alt.Tooltip("cluster_name:N", title="Name"),
                alt.Tooltip("store_count:Q", title="Stores", format=","),
                alt.Tooltip("store_share:Q", title="Of stores", format=".1%"),
                alt.Tooltip("sales_share:Q", title="Of sales", format=".1%"),
            ],
        )
    )
    return finish(
        bars.properties(
            height=ROW * frame["category"].nunique() + 60, width="container"
        ),
        renderer="svg",
    )
