"""The candidates of k, by one score at a time."""

import altair as alt
import pandas as pd

from clustering.presentation import style
from clustering.presentation.style import finish

# What became of a candidate, with its colour.
STATES = {
    "chosen": style.ACCENT,
    "recommended": style.COLOURS[1],
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


def worth(frame: pd.DataFrame) -> alt.LayerChart:
    """Return what each number of final clusters explains, covers and holds firmly.

    Parameters
    ----------
    frame : DataFrame
        One row per number: clusters, state, explained_variance, firm_store_share and
        covered_share, each a share or null.
    """
    shown = {
        "explained_variance": "Differences explained",
        "firm_store_share": "Stores in firm clusters",
        "covered_share": "Demand covered",
    }
    long = frame.rename(columns=shown).melt(
        id_vars=["clusters", "state"],
        value_vars=list(shown.values()),
        var_name="measure",
    )
    base = alt.Chart(long.dropna(subset=["value"])).encode(
        x=alt.X("clusters:O", title="Final clusters", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(format="%")),
        color=alt.Color(
            "measure:N",
            scale=alt.Scale(domain=list(shown.values()), range=list(style.COLOURS[:3])),
            legend=alt.Legend(orient="top", title=None),
        ),
        tooltip=[
            alt.Tooltip("measure:N", title="Measure"),
            alt.Tooltip("clusters:O", title="Final clusters"),
            alt.Tooltip("value:Q", title="Share", format=".1%"),
        ],
    )
    in_use = alt.Chart(frame[frame["state"] == "chosen"])
    rule = in_use.mark_rule(color="#222", strokeDash=[4, 3]).encode(x="clusters:O")
    layers = alt.layer(rule, base.mark_line(), base.mark_point(filled=True, size=50))
    return finish(layers.properties(width="container", height=HEIGHT), renderer="svg")


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
                f"{score}:Q", title=score.replace("_", " ").capitalize(), format=".3f"
            )
            for score in numbers
        ),
        alt.Tooltip("state:N", title="State"),
        alt.Tooltip("reason:N", title="Reason"),
    ]
