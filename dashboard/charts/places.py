"""Stores as points: on the ground, and among each other."""

import math

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.charts.style import finish

HEIGHT = 460
EDGE = 1.08
TOOLTIPS = [
    alt.Tooltip("store_id:N", title="Store"),
    alt.Tooltip("cluster:N", title="Cluster"),
    alt.Tooltip("assignment_method:N", title="Method"),
    alt.Tooltip("silhouette:Q", title="Silhouette", format=".2f"),
]


def on_the_ground(frame: pd.DataFrame, *, chosen: int | None = None) -> alt.Chart:
    """Return the stores by longitude and latitude, a mile as long in each direction.

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
        known.assign(x=known["longitude"] * shrink, y=known["latitude"]),
        chosen=chosen,
        x=alt.Axis(title="Longitude", labelExpr=_degrees(f"datum.value / {shrink}")),
        y=alt.Axis(title="Latitude", labelExpr=_degrees("datum.value")),
    )


def among_each_other(frame: pd.DataFrame, *, chosen: int | None = None) -> alt.Chart:
    """Return the stores by likeness: those that are alike stand together.

    Parameters
    ----------
    frame : DataFrame
        One row per store: store_id, cluster_id, cluster, assignment_method,
        silhouette, map_x and map_y.
    chosen : int, optional
        Cluster that is shown in its colour, the others in grey.
    """
    axis = {"labels": False, "ticks": False}
    return _points(
        frame.assign(x=frame["map_x"], y=frame["map_y"]),
        chosen=chosen,
        x=alt.Axis(title="First axis of likeness", **axis),
        y=alt.Axis(title="Second axis", **axis),
    )


def _points(
    frame: pd.DataFrame, *, chosen: int | None, x: alt.Axis, y: alt.Axis
) -> alt.Chart:
    ids = sorted(frame["cluster_id"].unique().tolist())
    shown = ["x", "y", "cluster_id", *(one.shorthand[:-2] for one in TOOLTIPS)]
    # the chosen cluster is drawn last, on top of the others
    order = (frame["cluster_id"] == chosen).sort_values(kind="stable").index
    horizontal, vertical = _square_domains(frame)
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


def _square_domains(frame: pd.DataFrame) -> tuple[alt.Scale, alt.Scale]:
    """Return scales on which a unit is as long in both directions, in any width."""
    wide, high = (max(frame[one].max() - frame[one].min(), 1e-6) for one in "xy")
    unit = f"max({wide * EDGE} / width, {high * EDGE} / height)"
    return tuple(
        alt.Scale(
            domainMin=alt.ExprRef(f"{middle} - {unit} * {side} / 2"),
            domainMax=alt.ExprRef(f"{middle} + {unit} * {side} / 2"),
            zero=False,
            nice=False,
        )
        for middle, side in zip(
            ((frame[one].max() + frame[one].min()) / 2 for one in "xy"),
            ("width", "height"),
            strict=True,
        )
    )


def _colours(ids: list[int], *, chosen: int | None) -> alt.Color:
    if chosen is None:
        scale = palette.scale(ids)
    else:
        colours = [palette.colour(one) if one == chosen else "#D9D9D9" for one in ids]
        scale = alt.Scale(domain=ids, range=colours)
    return alt.Color("cluster_id:N", scale=scale, legend=None)


def _degrees(value: str) -> str:
    return f"format({value}, '.1~f') + '°'"
