"""Charts of stores: on a map, by similarity, and from run to run."""

import math

import altair as alt
import numpy as np
import pandas as pd

from clustering.presentation import style
from clustering.presentation.outlines import Extent, outlines
from clustering.presentation.style import LABELS, finish

# Pixels of a map, and of a category in the history.
HEIGHT, ROW = 460, 24
# Of the extent of the stores, what a map shows.
EDGE = 1.08
# Square pixels of the stores that sell least and most: of a region, and of a city.
SIZES, SIZES_OF_FEW = [14, 170], [40, 360]
# Stores up to which they are few.
FEW = 300
# Places in each direction that a small map can tell apart.
PLACES = 80
# Borders, from the widest on.
BORDERS = {"country": "#8A8F98", "state": "#A9AEB6", "county": "#E1E3E6"}
NOTHING = pd.DataFrame(columns=["line", "point", "kind", "x", "y"])
# Of the clusters that are not chosen.
OTHERS = "#D9D9D9"
DEGREES = "datum.label + '°'"
TOOLTIPS = [
    alt.Tooltip("store_id:N", title="Store"),
    alt.Tooltip("cluster:N", title="Cluster"),
    alt.Tooltip("assignment_method:N", title="Method"),
    alt.Tooltip("silhouette:Q", title="Silhouette", format=".2f"),
]


def on_the_map(
    frame: pd.DataFrame, *, chosen: int | None = None, height: int = HEIGHT
) -> alt.LayerChart:
    """Return the stores on a map, larger the more they sell.

    Outlines of countries, and in the United States of states and counties, are below
    them. Degrees are to the same scale both ways. A store that is clicked is the
    selection ``store``.

    Parameters
    ----------
    frame : DataFrame
        One row per store: store_id, cluster_id, cluster, assignment_method,
        silhouette, sales, longitude and latitude (degrees; rows without are left out).
    chosen : int, optional
        Cluster that is shown in its colour, the others in grey.
    height : int
        Pixels.
    """
    known = frame.dropna(subset=["longitude", "latitude"])
    known = known.sort_values(
        "sales", ascending=False, kind="stable"
    )  # small ones lie on top
    # a degree of longitude is shorter than one of latitude by this
    shrink = math.cos(math.radians(known["latitude"].mean())) if len(known) else 1.0
    sizes = SIZES_OF_FEW if len(known) <= FEW else SIZES
    points = _points(
        known.assign(x=known["longitude"], y=known["latitude"]),
        chosen=chosen,
        x=alt.Axis(title=None, labelExpr=DEGREES, tickCount=6, grid=False),
        y=alt.Axis(title=None, labelExpr=DEGREES, tickCount=6, grid=False),
        shrink=shrink,
    ).encode(size=alt.Size("sales:Q", scale=alt.Scale(range=sizes), legend=None))
    clicked = alt.selection_point(name="store", fields=["store_id"], on="click")
    layers = [_outlines(known), points.add_params(clicked).interactive()]
    chart = alt.layer(*layers).resolve_scale(color="independent")
    return finish(chart.properties(width="container", height=height))


def thin_others(frame: pd.DataFrame, *, chosen: int) -> pd.DataFrame:
    """Return the stores of a cluster, and of all others one in each place.

    A small map cannot tell them apart, and a browser has to draw several.

    Parameters
    ----------
    frame : DataFrame
        One row per store: cluster_id, sales, longitude and latitude (degrees).
    chosen : int
        Cluster whose stores are all kept.
    """
    is_own = frame["cluster_id"] == chosen
    others = frame[~is_own].sort_values("sales", ascending=False, kind="stable")
    places = others[["longitude", "latitude"]]
    cells = (places - places.min()) / (places.max() - places.min()) * PLACES
    return pd.concat([others[~cells.round().duplicated()], frame[is_own]])


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
    points = _points(
        frame.assign(x=frame["map_x"], y=frame["map_y"]),
        chosen=chosen,
        x=_blank_axis("First axis of similarity"),
        y=_blank_axis("Second axis"),
    )
    return finish(points.properties(width="container", height=HEIGHT).interactive())


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


def _outlines(frame: pd.DataFrame) -> alt.Chart:
    """Return the borders in and around the extent of the stores."""
    places = frame[["longitude", "latitude"]].astype(float)
    lines = outlines(Extent(*places.min(), *places.max())) if len(frame) else NOTHING
    return (
        alt.Chart(_break_between(lines))
        .mark_line(clip=True, invalid="break-paths-show-path-domains")
        .encode(
            x="x:Q",
            y="y:Q",
            order="point:Q",
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(BORDERS), range=list(BORDERS.values())),
                legend=None,
            ),
            strokeWidth=alt.condition(
                "datum.kind == 'county'", alt.value(0.6), alt.value(1.4)
            ),
        )
    )


def _break_between(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the borders with a point without a place after each line.

    The browser then draws one path per kind, instead of a mark for each of over a
    thousand lines.
    """
    ends = lines.drop_duplicates("line", keep="last")
    breaks = ends.assign(x=np.nan, y=np.nan, point=ends["point"] + 0.5)
    return pd.concat([lines, breaks]).drop(columns="line")


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
    texts = [tooltip.shorthand[:-2] for tooltip in TOOLTIPS]
    shown = frame.columns.intersection(["x", "y", "cluster_id", "sales", *texts])
    # the chosen cluster is drawn last, on top of the others
    order = (frame["cluster_id"] == chosen).sort_values(kind="stable").index
    horizontal, vertical = _square_scales(frame, shrink=shrink)
    # thousands of texts to read aloud take longer to make than the circles
    return (
        alt.Chart(frame.loc[order, shown])
        .mark_circle(
            size=28 if len(frame) < 2_500 else 16, opacity=0.75, clip=True, aria=False
        )
        .encode(
            x=alt.X("x:Q", axis=x, scale=horizontal),
            y=alt.Y("y:Q", axis=y, scale=vertical),
            color=_colours(ids, chosen=chosen),
            tooltip=TOOLTIPS,
        )
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
