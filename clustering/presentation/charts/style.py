"""What all charts have in common."""

from typing import Literal, TypeVar

import altair as alt

# The menu offers pictures; the editor would send the data to another site.
MENU = {"export": True, "source": False, "compiled": False, "editor": False}
# Names of features and categories are long.
LABELS = {"labelLimit": 260, "labelFlush": False, "ticks": False, "domain": False}

AnyChart = TypeVar("AnyChart", bound=alt.TopLevelMixin)


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
    return chart.configure_view(strokeWidth=0).properties(
        usermeta={"embedOptions": options}
    )
