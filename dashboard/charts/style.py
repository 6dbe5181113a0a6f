"""What all charts have in common."""

import altair as alt

# The menu offers pictures; the editor would send the data to another site.
MENU = {
    "actions": {"export": True, "source": False, "compiled": False, "editor": False}
}


def finish(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """Return the chart as it is shown, in the app and in the report."""
    return chart.configure_view(strokeWidth=0).properties(
        usermeta={"embedOptions": MENU}
    )
