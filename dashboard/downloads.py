"""Tables to take away, as CSV and as Excel."""

import io

import pandas as pd
import streamlit as st

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60


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
    with pd.ExcelWriter(target, engine="xlsxwriter") as writer:
        frame.to_excel(writer, sheet_name=sheet[:31], index=False, freeze_panes=(1, 0))
        page = writer.sheets[sheet[:31]]
        page.autofilter(0, 0, len(frame), max(len(frame.columns) - 1, 0))
        page.autofit(max_width=WIDEST * 7)
    return target.getvalue()
