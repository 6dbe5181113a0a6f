"""Tables as they are shown: numbers readable, clusters in their colours."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from clustering.presentation import palette


def coloured(frame: pd.DataFrame, columns: Sequence[str] = ("cluster_id",)) -> Styler:
    """Return the frame with cluster ids on their colours."""
    return frame.style.map(_paint, subset=list(columns))


def whole(label: str, **options: str) -> object:
    """Return a column of counts or sales, with thousands separators."""
    return st.column_config.NumberColumn(label, format="localized", **options)


def decimal(label: str, *, decimals: int = 2, **options: str) -> object:
    """Return a column of numbers with as many decimals."""
    return st.column_config.NumberColumn(label, format=f"%.{decimals}f", **options)


def share(label: str, **options: str) -> object:
    """Return a column of shares, 0 to 1, in per cent."""
    return st.column_config.NumberColumn(label, format="percent", **options)


def moment(label: str, **options: str) -> object:
    """Return a column of moments, to the minute."""
    return st.column_config.DatetimeColumn(
        label, format="YYYY-MM-DD HH:mm", width=112, **options
    )


def _paint(cluster_id: object) -> str:
    if pd.isna(cluster_id):
        return ""
    number = int(cluster_id)
    return f"background-color: {palette.colour(number)}; color: {palette.ink(number)}"
