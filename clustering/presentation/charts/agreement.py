"""Categories against each other: how far they have the same clusters."""

import altair as alt
import pandas as pd

from clustering.presentation import palette
from clustering.presentation.charts.style import LABELS, finish

# Pixels of a cell with a figure in it, and of one without.
WIDTH, HEIGHT, SMALL = 40, 26, 12
# More categories than this are drawn without figures.
MOST_WITH_FIGURES = 30


def agreement(frame: pd.DataFrame, measure: str) -> alt.LayerChart:
    """Return one cell per two categories, coloured by their agreement.

    Parameters
    ----------
    frame : DataFrame
        One row per two categories: category, other_category, common_stores and
        ``measure``, null where there is none: such a cell is left out.
    measure : str
        Column that is shown, 1 where both have the same clusters.
    """
    names = sorted({*frame["category"], *frame["other_category"]})
    has_figures = len(names) <= MOST_WITH_FIGURES
    cells = alt.Chart(_both_ways(frame.dropna(subset=[measure]))).encode(
        x=alt.X("other_category:N", **_in_order(names, labelAngle=-90, orient="top")),
        y=alt.Y("category:N", **_in_order(names)),
    )
    layers = [
        cells.mark_rect(stroke="white").encode(
            color=_colour(measure), tooltip=_tooltips(measure)
        )
    ]
    if has_figures:
        layers.append(_figures(cells, measure))
    chart = alt.layer(*layers).properties(
        width=alt.Step(WIDTH if has_figures else SMALL),
        height=alt.Step(HEIGHT if has_figures else SMALL),
    )
    return finish(chart, renderer="svg" if has_figures else "canvas")


def _both_ways(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each two categories twice: in either order."""
    turned = {"category": "other_category", "other_category": "category"}
    return pd.concat([frame, frame.rename(columns=turned)], ignore_index=True)


def _in_order(names: list[str], **options: object) -> dict[str, object]:
    """Return what both axes have: every category, also one without a cell."""
    labels = LABELS | {"labelLimit": 130, "labelOverlap": False}
    axis = alt.Axis(**labels | options)
    return {"scale": alt.Scale(domain=names), "title": None, "axis": axis}


def _colour(measure: str) -> alt.Color:
    scale = alt.Scale(domain=[0, 1], range=["#EFF4F9", palette.ACCENT], clamp=True)
    return alt.Color(f"{measure}:Q", scale=scale, legend=None)


def _figures(cells: alt.Chart, measure: str) -> alt.Chart:
    return cells.mark_text(fontSize=11).encode(
        text=alt.Text(f"{measure}:Q", format=".2f"),
        color=alt.condition(
            f"datum.{measure} > 0.7", alt.value("white"), alt.value("#333")
        ),
    )


def _tooltips(measure: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("category:N", title="Category"),
        alt.Tooltip("other_category:N", title="And"),
        alt.Tooltip(f"{measure}:Q", title="Agreement", format=".3f"),
        alt.Tooltip("common_stores:Q", title="Stores in common", format=","),
    ]
