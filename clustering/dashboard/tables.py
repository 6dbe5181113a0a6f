"""Tables and figures as pages show them, and tables to download."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.elements.lib.column_types import ColumnConfig

from clustering.export.formulas import disarm
from clustering.presentation import glossary, style, words

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Formats of figures, as Streamlit has them: whole numbers, and shares.
WHOLE, PERCENT = "localized", "%.1f %%"
DECIMALS = re.compile(r"%\.(\d)f")
# Columns of sales.
MONEY = frozenset(
    {"sales", "sales_after", "sales_per_store", "sales_read", "sales_used"}
)
# Pixels of a column.
WIDEST = 420
# What Excel allows as the name of a sheet.
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
LONGEST_NAME = 31
# A name that begins with = is no formula.
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}


def show(
    frame: pd.DataFrame,
    columns: Mapping[str, ColumnConfig | str],
    *,
    coloured: Sequence[str] = (),
    currency: str = "",
    **options: Any,
) -> Any:
    """Show a table: figures in the format of their column, a dash where there is none.

    Parameters
    ----------
    frame : DataFrame
        One row per row of the table; shares from 0 to 1.
    columns : mapping
        Per column of the frame: its head, or its whole configuration.
    coloured : sequence of str
        Columns of cluster ids, which get the colours of their clusters.
    currency : str
        Added to the heads of sales; empty: none is.
    **options : object
        Of ``st.dataframe``.

    Returns
    -------
    object
        What ``st.dataframe`` returns: the rows that are chosen, where some can be.
    """
    rounded = frame.assign(
        **{
            name: _round(frame[name], _format(columns[name]))
            for name in frame.columns.intersection(list(columns))
        }
    )
    there = [name for name in coloured if name in frame]
    return st.dataframe(
        _colour(rounded, there) if there else rounded,
        hide_index=True,
        column_config={
            name: _explain(_name_currency(config, currency if name in MONEY else ""))
            for name, config in columns.items()
        },
        placeholder="-",
        **options,
    )


def _format(config: ColumnConfig | str) -> str:
    """Return the format of a column's figures; empty where it has none."""
    if isinstance(config, str):
        return ""
    return str((config.get("type_config") or {}).get("format") or "")


def _round(values: pd.Series, format: str) -> pd.Series:
    """Return figures as they are shown: shares in per cent, and never as -0.00."""
    if values.dtype.kind != "f":
        return values
    if format == PERCENT:
        values = values * 100
    if format == WHOLE:
        return values.round() + 0.0
    decimals = DECIMALS.match(format)
    return values.round(int(decimals[1])) + 0.0 if decimals else values


def _name_currency(config: ColumnConfig | str, currency: str) -> ColumnConfig | str:
    """Return a column whose head names the currency."""
    if not currency:
        return config
    if isinstance(config, str):
        return f"{config}, {currency}"
    return config | {"label": f"{config['label']}, {currency}"}


def _explain(config: ColumnConfig | str) -> ColumnConfig | str:
    """Return a column that says what its head means, where that is a term."""
    label = config if isinstance(config, str) else config.get("label")
    meaning = glossary.TERMS.get(label or "")
    if meaning is None:
        return config
    if isinstance(config, str):
        return st.column_config.Column(config, help=meaning)
    return config | {"help": config.get("help") or meaning}


def _colour(frame: pd.DataFrame, columns: Sequence[str]) -> Styler:
    """Return the frame with cluster ids on their colours."""
    return frame.style.map(_paint, subset=list(columns))


def whole(label: str, *, width: int | None = None) -> ColumnConfig:
    """Return a column of counts or sales, with thousands separators."""
    return st.column_config.NumberColumn(label, format=WHOLE, width=width)


def decimal(
    label: str, *, decimals: int = 2, width: int | None = None, help: str | None = None
) -> ColumnConfig:
    """Return a column of numbers with as many decimals."""
    return st.column_config.NumberColumn(
        label, format=f"%.{decimals}f", width=width, help=help
    )


def share(
    label: str, *, width: int | None = None, help: str | None = None
) -> ColumnConfig:
    """Return a column of shares, 0 to 1, in per cent."""
    return st.column_config.NumberColumn(label, format=PERCENT, width=width, help=help)


def moment(label: str) -> ColumnConfig:
    """Return a column of moments, to the minute."""
    return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm", width=112)


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
        By label: what the figure means, shown on demand, where it is no term of
        `clustering.presentation.glossary` or says more here.
    """
    meanings = glossary.TERMS | dict(helps or {})
    columns = st.columns(len(figures))
    for column, (label, figure) in zip(columns, figures.items(), strict=True):
        value, below = figure if isinstance(figure, tuple) else (figure, None)
        column.metric(
            label,
            words.plain(value),
            below and words.plain(below),
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=meanings.get(label),
        )


def offer(frame: pd.DataFrame, name: str) -> None:
    """Show buttons that download ``frame``; files are made when they are asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "CSV",
            lambda: to_csv(frame),
            file_name=f"{name}.csv",
            mime="text/csv",
            key=f"{name}.csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Excel",
            lambda: to_excel(frame, sheet=name),
            file_name=f"{name}.xlsx",
            mime=EXCEL,
            key=f"{name}.xlsx",
            icon=":material/download:",
            on_click="ignore",
        )


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return the frame as CSV, in UTF-8 with the mark that Excel looks for."""
    return disarm(frame).to_csv(index=False).encode("utf-8-sig")


def to_excel(frame: pd.DataFrame, *, sheet: str) -> bytes:
    """Return the frame as a workbook of one sheet with a filter on each column."""
    target = io.BytesIO()
    name = FORBIDDEN.sub(" ", sheet)[:LONGEST_NAME]
    with pd.ExcelWriter(
        target, engine="xlsxwriter", engine_kwargs={"options": AS_TEXT}
    ) as writer:
        frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
        page = writer.sheets[name]
        page.autofilter(0, 0, len(frame), len(frame.columns) - 1)
        page.autofit(max_width=WIDEST)
    return target.getvalue()


def _paint(cluster_id: float) -> str:
    """Return the style of a cell; a cluster id that is missing is NaN."""
    if pd.isna(cluster_id):
        return ""
    number = int(cluster_id)
    return f"background-color: {style.colour(number)}; color: {style.ink(number)}"
