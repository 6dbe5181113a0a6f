"""Charts of two runs: how stores moved between them, and both side by side."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from clustering.presentation import style
from clustering.presentation.style import LABELS, finish

# Pixels of a chart of moves, of the head of its matrix, and of a row: the least there,
# and that of a chart of both runs.
HEIGHT, HEAD = 420, 45
LEAST_ROW, ROW = 18, 24
# Of the height, between two clusters; of the width, a cluster's bar.
GAP, BAR = 0.015, 0.03
# Points along a band.
STEPS = 24
PLAIN: dict[str, Any] = {"ticks": False, "domain": False, "labelOverlap": False}
# This run, and the other.
NOW, OTHER = style.COLOURS[0], style.COLOURS[4]


def alluvial(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the clusters of both runs as bars, and the stores as bands between them.

    Parameters
    ----------
    frame : DataFrame
        One row per pair of clusters: previous_cluster_id and cluster_id (0 for
        stores that are not there), their names, and store_count.
    """
    placed = _place(frame)
    ids = [*frame["previous_cluster_id"], *frame["cluster_id"]]
    bars = alt.Chart(_bars(placed)).encode(
        y=_y("from", axis=None), y2="to", tooltip=_TOOLTIPS[4:]
    )
    layers = [
        alt.Chart(_bands(placed))
        .mark_area(opacity=0.55)
        .encode(
            x=_x(),
            y=_y("from", axis=None),
            y2="to",
            detail="band:N",
            color=_colour("previous_cluster_id", ids),
            tooltip=_TOOLTIPS[:4],
        ),
        bars.mark_rect().encode(x=_x(), x2="end", color=_colour("id", ids)),
        *(
            bars.transform_filter(f"datum.side == {side}")
            .mark_text(align=align, dx=dx, fontSize=11)
            .encode(x=alt.X("edge:Q"), y=_y("middle", axis=None), text="label:N")
            for side, align, dx in ((0, "right", -6), (1, "left", 6))
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=HEIGHT)
    return finish(chart, renderer="svg")


def matrix(frame: pd.DataFrame) -> alt.LayerChart:
    """Return clusters before by clusters now, with the stores that went that way.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`alluvial`, with share: of the stores of the former cluster.
    """
    named = frame.assign(
        before=frame["previous_cluster_id"].map(_name),
        now=frame["cluster_id"].map(_name),
    )
    cells = alt.Chart(named).encode(
        x=alt.X(
            "now:N",
            sort=_in_order(frame["cluster_id"]),
            title="Cluster now",
            axis=alt.Axis(orient="top", labelAngle=0, **PLAIN),
        ),
        y=alt.Y(
            "before:N",
            sort=_in_order(frame["previous_cluster_id"]),
            title="Cluster before",
            axis=alt.Axis(labelFlush=False, **PLAIN),
        ),
        tooltip=_TOOLTIPS[:4],
    )
    layers = [
        cells.mark_rect(stroke="white").encode(
            color=alt.Color(
                "share:Q",
                scale=alt.Scale(domain=[0, 1], range=["#EFF4F9", style.ACCENT]),
                legend=None,
            )
        ),
        cells.mark_text(fontSize=11).encode(
            text=alt.Text("store_count:Q", format=","),
            color=alt.condition(
                "datum.share > 0.5", alt.value("white"), alt.value("#333")
            ),
        ),
    ]
    rows = frame["previous_cluster_id"].nunique()
    height = max(HEIGHT - HEAD, rows * LEAST_ROW)
    chart = alt.layer(*layers).properties(width="container", height=height)
    return finish(chart, renderer="svg")


def pairs(
    frame: pd.DataFrame, measure: str, *, title: str, format: str, step: float
) -> alt.LayerChart:
    """Return two points per category, one for each run, joined by a line.

    Parameters
    ----------
    frame : DataFrame
        One row per category: category, ``measure`` and other_``measure``.
    measure : str
        What the points show.
    title : str
        Of the axis.
    format : str
        Of the numbers, in d3's terms.
    step : float
        Least distance of two ticks: closer ones would read the same.
    """
    other = f"other_{measure}"
    rows = alt.Chart(frame[["category", measure, other]]).encode(
        y=alt.Y("category:N", title=None, axis=LABELS),
        tooltip=[
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip(f"{measure}:Q", title="This run", format=format),
            alt.Tooltip(f"{other}:Q", title="Other run", format=format),
        ],
    )
    ticks = _ticks(frame[[measure, other]].to_numpy(), step=step)
    x = alt.X(
        f"{measure}:Q",
        title=title,
        axis=alt.Axis(format=format, values=ticks),
        scale=alt.Scale(domain=[ticks[0], ticks[-1]], nice=False),
    )
    layers = [
        rows.mark_rule(color=style.GREY, strokeWidth=2).encode(x=x, x2=other),
        rows.mark_point(size=70, filled=False, color=OTHER, strokeWidth=2).encode(
            x=f"{other}:Q"
        ),
        rows.mark_circle(size=80, color=NOW, opacity=1).encode(x=x),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")


def agreement(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per category: the adjusted Rand index of the two runs.

    Parameters
    ----------
    frame : DataFrame
        One row per category: category and agreement.
    """
    bars = alt.Chart(frame[["category", "agreement"]].dropna()).encode(
        x=alt.X(
            "agreement:Q",
            title="Adjusted Rand index",
            # room for the figure beside the longest bar
            scale=alt.Scale(
                domainMin=min(0.0, frame["agreement"].min()), domainMax=1.1
            ),
            axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2f"),
        ),
        y=alt.Y("category:N", title=None, axis=LABELS),
        tooltip=[
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip("agreement:Q", title="Agreement", format=".3f"),
        ],
    )
    layers = [
        bars.mark_bar(color="#8FB8D6", height=14),
        bars.mark_text(align="left", dx=4).encode(
            text=alt.Text("agreement:Q", format=".2f")
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")


def sales(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per cluster, in its colour: its share of sales.

    Parameters
    ----------
    frame : DataFrame
        One row per cluster: cluster_id, cluster_name, store_count, sales,
        sales_share and cumulative_share.
    """
    ids = frame["cluster_id"].tolist()
    largest = float(frame["sales_share"].max() or 1)
    bars = alt.Chart(frame).encode(
        x=alt.X(
            "sales_share:Q",
            title="Share of sales",
            axis=alt.Axis(format=".0%", values=_share_ticks(largest)),
            # room for the figure beside the longest bar
            scale=alt.Scale(domain=[0, 1.2 * largest], nice=False),
        ),
        y=alt.Y(
            "cluster_id:O",
            sort=ids,
            title=None,
            axis=LABELS | {"labelOverlap": False},
        ),
        tooltip=[
            alt.Tooltip("cluster_id:O", title="Cluster"),
            alt.Tooltip("cluster_name:N", title="Name"),
            alt.Tooltip("store_count:Q", title="Stores", format=","),
            alt.Tooltip("sales:Q", title="Sales", format=",.0f"),
            alt.Tooltip("sales_share:Q", title="Of sales", format=".1%"),
            alt.Tooltip("cumulative_share:Q", title="Cumulative", format=".1%"),
        ],
    )
    layers = [
        bars.mark_bar(height=15).encode(
            color=alt.Color("cluster_id:N", scale=style.scale(ids), legend=None)
        ),
        bars.mark_text(align="left", dx=4).encode(
            text=alt.Text("sales_share:Q", format=".0%")
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")


_TOOLTIPS = [
    alt.Tooltip("previous_cluster_name:N", title="Before"),
    alt.Tooltip("cluster_name:N", title="Now"),
    alt.Tooltip("store_count:Q", title="Stores", format=","),
    alt.Tooltip("share:Q", title="Of those before", format=".0%"),
    alt.Tooltip("name:N", title="Cluster"),
    alt.Tooltip("stores:Q", title="Stores", format=","),
]


def _ticks(values: np.ndarray, *, step: float) -> list[float]:
    """Return up to six round ticks, ``step`` or a multiple apart, around the values.

    >>> _ticks(np.array([0.3201, 0.3218]), step=0.01)
    [0.31, 0.32, 0.33]
    >>> _ticks(np.array([3.0, 24.0]), step=1)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]
    """
    lowest, highest = np.nanmin(values), np.nanmax(values)
    widths = (step * times for times in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
    width = next(one for one in widths if (highest - lowest) / one <= 5)
    first, last = np.floor(lowest / width), np.ceil(highest / width)
    if last - first < 2:
        first, last = first - 1, last + (last == first)
    return [float(tick) for tick in (np.arange(first, last + 1) * width).round(6)]


def _share_ticks(largest: float) -> list[float]:
    """Return ticks of an axis of shares up to ``largest``; no share is above 1.

    >>> _share_ticks(1.0), _share_ticks(0.36)
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.1, 0.2, 0.3])
    """
    step = next(one for one in (0.01, 0.02, 0.05, 0.1, 0.25) if largest / one <= 4)
    return [
        float(tick) for tick in (np.arange(int(largest / step) + 1) * step).round(6)
    ]


def _place(frame: pd.DataFrame) -> pd.DataFrame:
    """Stack the flows at either end, from 0 to 1, with gaps between clusters."""
    placed = frame.assign(height=frame["store_count"] / frame["store_count"].sum())
    for end, first, second in (
        (0, "previous_cluster_id", "cluster_id"),
        (1, "cluster_id", "previous_cluster_id"),
    ):
        placed = placed.sort_values([first, second])
        gaps = GAP * placed[first].rank(method="dense").sub(1)
        placed[f"to_{end}"] = placed["height"].cumsum() + gaps
        placed[f"from_{end}"] = placed[f"to_{end}"] - placed["height"]
    return placed


def _bands(placed: pd.DataFrame) -> pd.DataFrame:
    """Return points along each flow, which bends as a smooth step."""
    steps = np.linspace(0, 1, STEPS)
    bend = steps**2 * (3 - 2 * steps)
    points = placed.assign(band=range(len(placed))).merge(
        pd.DataFrame({"x": BAR + steps * (1 - 2 * BAR), "bend": bend}), how="cross"
    )
    for edge in ("from", "to"):
        start, end = points[f"{edge}_0"], points[f"{edge}_1"]
        points[edge] = start + (end - start) * points["bend"]
    shown = ["previous_cluster_id", "previous_cluster_name", "cluster_name"]
    return points[["band", "x", "from", "to", "store_count", "share", *shown]]


def _bars(placed: pd.DataFrame) -> pd.DataFrame:
    """Return a bar per cluster and run."""
    sides = [
        placed.groupby(first, as_index=False)
        .agg(
            **{"from": (f"from_{side}", "min"), "to": (f"to_{side}", "max")},
            stores=("store_count", "sum"),
            name=(first.replace("_id", "_name"), "first"),
        )
        .rename(columns={first: "id"})
        .assign(side=side, x=side * (1 - BAR), end=BAR + side * (1 - BAR), edge=side)
        for side, first in enumerate(("previous_cluster_id", "cluster_id"))
    ]
    bars = pd.concat(sides, ignore_index=True)
    labels = [
        f"{_name(cluster_id)} · {stores:,}"
        for cluster_id, stores in zip(bars["id"], bars["stores"], strict=True)
    ]
    return bars.assign(middle=(bars["from"] + bars["to"]) / 2, label=labels)


def _x() -> alt.X:
    # room for the labels on both sides
    return alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.14, 1.14]))


def _y(column: str, **options: Any) -> alt.Y:
    return alt.Y(f"{column}:Q", scale=alt.Scale(reverse=True, zero=True), **options)


def _colour(column: str, ids: list[int]) -> alt.Color:
    there = sorted({int(cluster_id) for cluster_id in ids})
    colours = [style.colour(id) if id else style.GREY for id in there]
    scale = alt.Scale(domain=there, range=colours)
    return alt.Color(f"{column}:N", scale=scale, legend=None)


def _name(cluster_id: int) -> str:
    return str(cluster_id) if cluster_id else "not there"


def _in_order(cluster_ids: pd.Series) -> list[str]:
    """Return the names in order of the numbers; what is not there comes last."""
    there = sorted(cluster_ids.unique(), key=lambda number: (number == 0, number))
    return [_name(cluster_id) for cluster_id in there]
