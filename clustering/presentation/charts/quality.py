"""Input rows: used and quarantined."""

import altair as alt
import pandas as pd

from clustering.presentation import palette
from clustering.presentation.charts.style import LABELS, finish

ROW = 30
QUARANTINED = palette.COLOURS[4]


def rows_quarantined(frame: pd.DataFrame) -> alt.LayerChart:
    """Return one bar per table and reason: the rows that were not used.

    Parameters
    ----------
    frame : DataFrame
        One row per source_table and reason, with row_count.
    """
    named = frame.assign(
        name=frame["source_table"] + ": " + frame["reason"].str.replace("_", " ")
    )
    bars = alt.Chart(named).encode(
        x=alt.X(
            "row_count:Q",
            title="Rows",
            axis=alt.Axis(format="~s", tickMinStep=1, tickCount=5),
            scale=alt.Scale(domainMax=1.15 * float(frame["row_count"].max())),
        ),
        y=alt.Y("name:N", sort="-x", title=None, axis=LABELS),
        tooltip=[
            alt.Tooltip("source_table:N", title="Table"),
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("row_count:Q", title="Rows", format=","),
        ],
    )
    layers = [
        bars.mark_bar(color=QUARANTINED, height=16),
        bars.mark_text(align="left", dx=4).encode(
            text=alt.Text("row_count:Q", format=",")
        ),
    ]
    chart = alt.layer(*layers).properties(width="container", height=alt.Step(ROW))
    return finish(chart, renderer="svg")
