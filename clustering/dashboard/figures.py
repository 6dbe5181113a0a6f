"""The few figures that a page begins with, side by side."""

from collections.abc import Mapping

import streamlit as st


def show_figures(
    figures: Mapping[str, str | tuple[str, str]],
    *,
    helps: Mapping[str, str] | None = None,
) -> None:
    """Show each figure in a box below its label, and what it is to be read against.

    Parameters
    ----------
    figures : mapping
        By label: the figure, or a pair of it and of what stands below.
    helps : mapping or None
        By label: what the figure means, shown on demand.
    """
    columns = st.columns(len(figures))
    for column, (label, figure) in zip(columns, figures.items(), strict=True):
        value, below = figure if isinstance(figure, tuple) else (figure, None)
        column.metric(
            label,
            value,
            below,
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=(helps or {}).get(label),
        )
