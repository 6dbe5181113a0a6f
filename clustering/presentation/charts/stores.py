"""Charts of stores: on a map, by similarity, and from run to run."""

import math

import altair as alt
import pandas as pd

from clustering.presentation import style
from clustering.presentation.style import LABELS, finish

# Pixels of a map, and of a category in the history.
HEIGHT, ROW = 460, 24
# Of the extent of the stores, what a map shows.
EDGE = 1.08
# Of the clusters that are not chosen.
OTHERS = "#D9D9D9"
DEGREES = "datum.label + '°'"
TOOLTIPS = [
    alt.Tooltip("store_id:N", title="Store"),
    alt.Tooltip("cluster:N", title="Cluster"),
    alt.Tooltip("assignment_method:N", title="Method"),
    alt.Tooltip("silhouette:Q", title="Silhouette", format=".2f"),
]


def on_the_map(frame: pd.DataFrame, *, chosen: int | None = None) -> alt.Chart:
    """Return the stores by longitude and latitude, to the same scale both ways.

    Parameters
    ----------
    frame : DataFrame
        One row per store: store_id, cluster_id, cluster, assignment_method,
        silhouette, longitude and latitude (degrees; rows without are left out).
    chosen : int, optional
        Cluster that is shown in its colour, the others in grey.
    """
    known = frame.dropna(subset=["longitude", "latitude"])
    # a degree of longitude is shorter than one of latitude by this
    shrink = math.cos(math.radians(known["latitude"].mean())) if len(known) else 1.0
    return _points(
        known.assign(x=known["longitude"], y=known["latitude"]),
        chosen=chosen,
        x=alt.Axis(title="Longitude", labelExpr=DEGREES, tickCount=6),
        y=alt.Axis(title="Latitude", labelExpr=DEGREES),
        shrink=shrink,
    )


def by_similarity(frame: pd.DataFrame, *, chosen: int | None = None) -> alt.Chart:
    """Return the stores by similarity: those that are alike are close together.

    Parameters
    ----------
    frame : DataFrame
        One row per store: store_id, cluster_id, cluster, assignment_method,
        silhouette, map_x and map_y.
    chosen : int, optional
        Cluster that is shown in its colour, the others in grey.
    """
    return _points(
        frame.assign(x=frame["map_x"], y=frame["map_y"]),
        chosen=chosen,
        x=_blank_axis("First axis of similarity"),
        y=_blank_axis("Second axis"),
    )


def history(frame: pd.DataFrame) -> alt.LayerChart:
    """Return runs side by side and categories below each other.

    Parameters
    ----------
    frame : DataFrame
        One row per run and category: built_at, category, cluster_id, cluster_name.
    """
    runs = frame.assign(built=frame["built_at"].dt.strftime("%d %b %Y, %H:%M"))
    order = runs.sort_values("built_at")["built"].drop_duplicates().tolist()
    runs = runs.assign(ink=[style.ink(cluster_id) for cluster_id in runs["cluster_id"]])
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
    colour = style.scale(frame["cluster_id"].tolist())
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


def _blank_axis(title: str) -> alt.Axis:
    return alt.Axis(title=title, labels=False, ticks=False)


def _points(
    frame: pd.DataFrame,
    *,
    chosen: int | None,
    x: alt.Axis,
    y: alt.Axis,
    shrink: float = 1.0,
) -> alt.Chart:
    ids = sorted(frame["cluster_id"].unique().tolist())
    shown = ["x", "y", "cluster_id", *(tooltip.shorthand[:-2] for tooltip in TOOLTIPS)]
    # the chosen cluster is drawn last, on top of the others
    order = (frame["cluster_id"] == chosen).sort_values(kind="stable").index
    horizontal, vertical = _square_scales(frame, shrink=shrink)
    return finish(
        alt.Chart(frame.loc[order, shown])
        .mark_circle(size=28 if len(frame) < 2_500 else 16, opacity=0.75)
        .encode(
            x=alt.X("x:Q", axis=x, scale=horizontal),
            y=alt.Y("y:Q", axis=y, scale=vertical),
            color=_colours(ids, chosen=chosen),
            tooltip=TOOLTIPS,
        )
        .properties(width="container", height=HEIGHT)
        .interactive()
    )


def _square_scales(
    frame: pd.DataFrame, *, shrink: float
) -> tuple[alt.Scale, alt.Scale]:
    """Return scales on which both directions are as long, whatever the width.

    One unit of x is as long as ``shrink`` units of y.
    """
    wide, high = (max(frame[axis].max() - frame[axis].min(), 1e-6) for axis in "xy")
    # units of y in a pixel; both extents fit
    unit = f"{EDGE} * max({wide * shrink} / width, {high} / height)"
    return (
        _around(frame["x"], f"{unit} * width / {2 * shrink}"),
        _around(frame["y"], f"{unit} * height / 2"),
    )


def _around(values: pd.Series, half: str) -> alt.Scale:
    middle = (values.max() + values.min()) / 2
    return alt.Scale(
        domainMin=alt.ExprRef(f"{middle} - {half}"),
        domainMax=alt.ExprRef(f"{middle} + {half}"),
        zero=False,
        nice=False,
    )


def _colours(ids: list[int], *, chosen: int | None) -> alt.Color:
    if chosen is None:
        scale = style.scale(ids)
    else:
        colours = [style.colour(id) if id == chosen else OTHERS for id in ids]
        scale = alt.Scale(domain=ids, range=colours)
    return alt.Color("cluster_id:N", scale=scale, legend=None)
