"""The candidates of k, by one score at a time."""

import altair as alt
import pandas as pd

from dashboard import palette
from dashboard.charts.style import finish

# What became of a candidate, with its colour.
STATES = {
    "chosen": palette.ACCENT,
    "recommended": palette.COLOURS[1],
    "possible": "#8FB8D6",
    "ruled out": "#DADADA",
}
HEIGHT = 210


def scores(
    frame: pd.DataFrame,
    measure: str,
    *,
    needed: str | None = None,
    threshold: float | None = None,
) -> alt.LayerChart:
    """Return one bar per candidate, coloured by what became of it.

    Parameters
    ----------
    frame : DataFrame
        One row per candidate: k, state, reason, ``measure`` and ``needed``.
    measure : str
        Column that the bars show; candidates without it have none.
    needed : str, optional
        Column of the value that each candidate had to exceed, drawn as a line.
    threshold : float, optional
        Value that all of them had to reach, drawn as a line.
    """
    known = frame.dropna(subset=[measure])
    bars = alt.Chart(known).encode(x=_k(frame))
    layers = [
        bars.mark_bar().encode(
            y=alt.Y(f"{measure}:Q", title=None),
            color=_state(),
            tooltip=_tooltips(measure, needed),
        )
    ]
    if needed is not None:
        layers.append(bars.mark_tick(color="#222", thickness=2).encode(y=f"{needed}:Q"))
    if threshold is not None:
        rule = pd.DataFrame({"threshold": [threshold]})
        layers.append(
            alt.Chart(rule)
            .mark_rule(color="#222", strokeDash=[4, 3])
            .encode(y="threshold:Q")
        )
    chart = alt.layer(*layers).properties(width="container", height=HEIGHT)
    return finish(chart, renderer="svg")


def _k(frame: pd.DataFrame) -> alt.X:
    ks = sorted(frame["k"].tolist())
    return alt.X("k:O", scale=alt.Scale(domain=ks), axis=alt.Axis(labelAngle=0))


def _state() -> alt.Color:
    scale = alt.Scale(domain=list(STATES), range=list(STATES.values()))
    return alt.Color("state:N", scale=scale, legend=None)


def _tooltips(measure: str, needed: str | None) -> list[alt.Tooltip]:
    numbers = [measure, *([needed] if needed else [])]
    return [
        alt.Tooltip("k:O"),
        *(
            alt.Tooltip(
                f"{one}:Q", title=one.replace("_", " ").capitalize(), format=".3f"
            )
            for one in numbers
        ),
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("reason:N", title="Reason"),
    ]
