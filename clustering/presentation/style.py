"""The look of charts and pages: one colour per cluster id, and shared options.

A cluster has its colour in every chart, table and page. Each colour was chosen to be
the farthest from those before it, for normal sight and for the three kinds of colour
blindness (Machado et al. 2009, distance in CIELAB). The first six are those of Okabe
and Ito.
"""

from typing import Any, Literal, TypeVar

import altair as alt

COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#D55E00",
    "#56B4E9",
    "#873C1E",
    "#E1C378",
    "#8778FF",
    "#783C69",
    "#4B3CB4",
    "#F02D5A",
    "#96D2B4",
    "#A51E4B",
    "#960087",
    "#FF874B",
    "#FF6987",
    "#D2B4D2",
    "#6996F0",
    "#B45A2D",
    "#965A78",
    "#A587C3",
    "#785AD2",
    "#D2A578",
    "#3CC34B",
    "#78784B",
    "#963C00",
    "#B43CB4",
    "#786996",
    "#69B496",
    "#B4D23C",
    "#69D2FF",
    "#A569D2",
    "#A5D296",
    "#A5962D",
    "#C32D3C",
    "#B44B0F",
    "#B4A5D2",
    "#005A96",
    "#5AA5B4",
)
# For what is in no cluster.
GREY = "#B4B4B4"
# One hue for counts and sales, where there are no clusters.
ACCENT = COLOURS[0]
# Blue is below, orange above the average; white in between.
BELOW_TO_ABOVE = ("#2166AC", "#92C5DE", "#F7F7F7", "#FDB863", "#B35806")

# The menu offers pictures; the editor would send the data to another site.
MENU = {"export": True, "source": False, "compiled": False, "editor": False}
# Per cent as everywhere else: 31 %, with a space that does not break.
LOCALE = {
    "number": {
        "decimal": ".",
        "thousands": ",",
        "grouping": [3],
        "currency": ["", ""],
        "percent": "\N{NO-BREAK SPACE}%",
    }
}
# Names of features and categories are long.
LABELS: dict[str, Any] = {
    "labelLimit": 260,
    "labelFlush": False,
    "ticks": False,
    "domain": False,
}

AnyChart = TypeVar("AnyChart", bound=alt.TopLevelMixin)


def colour(cluster_id: int) -> str:
    """Return the colour of a cluster, as #RRGGBB; they repeat after the last.

    >>> colour(1)
    '#0072B2'
    >>> colour(41) == colour(1)
    True
    """
    return COLOURS[(int(cluster_id) - 1) % len(COLOURS)]


def ink(cluster_id: int) -> str:
    """Return the colour of text on a cluster's colour: black or white.

    >>> ink(1), ink(2)
    ('#FFFFFF', '#000000')
    """
    code = colour(cluster_id)
    red, green, blue = (int(code[i : i + 2], 16) for i in (1, 3, 5))
    # perceived brightness, 0 to 255 (ITU-R BT.601)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue
    return "#000000" if bright > 135 else "#FFFFFF"


def scale(cluster_ids: list[int]) -> alt.Scale:
    """Return the colour scale of a chart that shows these clusters."""
    ids = sorted({int(cluster_id) for cluster_id in cluster_ids})
    return alt.Scale(domain=ids, range=[colour(cluster_id) for cluster_id in ids])


def swatch(cluster_id: int) -> str:
    """Return a dot in the cluster's colour, as HTML."""
    return (
        "<span style='display:inline-block;width:.8em;height:.8em;border-radius:50%;"
        f"background:{colour(cluster_id)}'></span>"
    )


def finish(
    chart: AnyChart, *, renderer: Literal["svg", "canvas"] = "canvas"
) -> AnyChart:
    """Return the chart as it is shown, in the app and in the report.

    Parameters
    ----------
    chart : Chart
        Of any kind.
    renderer : {"svg", "canvas"}
        svg is sharp and can be read aloud; canvas is fast for thousands of marks.
    """
    options = {"actions": MENU, "renderer": renderer}
    return chart.configure(view={"strokeWidth": 0}, locale=LOCALE).properties(
        usermeta={"embedOptions": options}
    )
