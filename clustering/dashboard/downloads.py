"""Tables to take away, as CSV and as Excel."""

import io
import re

import pandas as pd
import streamlit as st

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Pixels of a column.
WIDEST = 420
# What Excel allows as the name of a sheet.
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
LONGEST_NAME = 31
# A name that begins with = is no formula.
AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}


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
    return frame.to_csv(index=False).encode("utf-8-sig")


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
