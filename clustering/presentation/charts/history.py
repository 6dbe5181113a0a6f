"""The cluster of a store in each run."""

import altair as alt
import pandas as pd

from clustering.presentation import palette
from clustering.presentation.charts.style import LABELS, finish

ROW = 24


def history(frame: pd.DataFrame) -> alt.LayerChart:
    """Return runs side by side and categories below each other.

    Parameters
    ----------
    frame : DataFrame
        One row per run and category: built_at, category, cluster_id, cluster_name.
    """
    runs = frame.assign(built=frame["built_at"].dt.strftime("%d %b %Y, %H:%M"))
    order = runs.sort_values("built_at")["built"].drop_duplicates().tolist()
    runs = runs.assign(ink=[palette.ink(one) for one in runs["cluster_id"]])
    cells = alt.Chart(runs.drop(columns="built_at")).encode(
        x=alt.X(
            "built:O", sort=order, title=None, axis=alt.Axis(orient="top", labelAngle=0)
        ),
        y=alt.Y("category:N", title=None, axis=alt.Axis(**LABELS)),
        tooltip=[
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip("built:O", title="Run of"),
            alt.Tooltip("cluster_id:O", title="Cluster"),
            alt.Tooltip("cluster_name:N", title="Name"),
        ],
    )
    colour = palette.scale(frame["cluster_id"].tolist())
    chart = alt.layer(
        cells.mark_rect(stroke="white", strokeWidth=2).encode(
            color=alt.Color("cluster_id:N", scale=colour, legend=None)
        ),
        cells.mark_text(fontWeight="bold").encode(
            text="cluster_id:O", color=alt.Color("ink:N", scale=None)
        ),
    ).resolve_scale(color="independent")
    height = ROW * frame["category"].nunique() + 30
    return finish(chart.properties(width="container", height=height), renderer="svg")
