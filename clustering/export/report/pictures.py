"""Charts as pictures inside a page: no script, nothing to fetch."""

import base64
from typing import Any

import altair as alt
import vl_convert

# Points of many stores are smaller as pixels than as shapes.
SCALE = 1.5


def drawing(chart: alt.TopLevelMixin, *, width: int) -> str:
    """Return the chart as a data URL of an SVG, sharp at any size."""
    svg = vl_convert.vegalite_to_svg(_specification(chart, width))
    return _data_url("image/svg+xml", svg.encode())


def photograph(chart: alt.TopLevelMixin, *, width: int) -> str:
    """Return the chart as a data URL of a PNG."""
    png = vl_convert.vegalite_to_png(_specification(chart, width), scale=SCALE)
    return _data_url("image/png", png)


def _specification(chart: alt.TopLevelMixin, width: int) -> dict[str, Any]:
    """Return the chart's specification; on paper no container gives the width."""
    with alt.data_transformers.enable("default", max_rows=None):
        specification = chart.to_dict()
    return specification | {"width": width, "background": "white"}


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
