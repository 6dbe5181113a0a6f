"""New store: stores that open, or any others, by the models of a version."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from clustering.core.errors import ArgumentError, CommandError
from clustering.dashboard import similar, tables
from clustering.dashboard.models import load_model
from clustering.dashboard.published import Run
from clustering.dashboard.view import View
from clustering.presentation import words
from clustering.scoring.inputs import read_tables
from clustering.scoring.model import Model

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Fields beside each other.
COLUMN_COUNT = 3
ABOUT_UPLOAD = (
    "CSV or Parquet, of one or more stores: store_attributes (STORE_NBR and columns of"
    " its own), internal_sales (STORE_NBR, SKU_NBR, CAT_DSC, TOTAL_SALES),"
    " external_sales (STORE_NBR, CATEGORY and columns of its own)."
)
METHODS = {
    "kept": "as in this version",
    "nearest": "by sales and attributes",
    "inferred": "inferred: one side is not known",
    "override": "placed by hand",
}


def render(run: Run) -> None:
    """Show the page."""
    try:
        model = load_model(run)
    except CommandError as error:
        st.info(words.plain(str(error)), icon=":material/model_training:")
        return
    with st.form("new store"):
        uploads = st.file_uploader(
            "Files", type=["csv", "parquet"], accept_multiple_files=True
        )
        st.caption(ABOUT_UPLOAD)
        with st.expander("Or type what surrounds a store", icon=":material/keyboard:"):
            typed = _ask_attributes(model)
        categories = st.multiselect(
            "Categories",
            model.categories,
            placeholder="Those that it sells; all where sales are not known",
        )
        st.form_submit_button(
            "Assign", type="primary", icon=":material/moved_location:"
        )
    try:
        given = _read(uploads) or typed
        if given:
            _show_answer(model, given, categories)
    except CommandError as error:
        st.error(words.plain(str(error)), icon=":material/error:")


def _ask_attributes(model: Model) -> dict[str, pd.DataFrame]:
    """Return the attributes that are typed, as a raw table; nothing where none are."""
    number = st.text_input("Store", value="new", max_chars=40).strip() or "new"
    columns = st.columns(COLUMN_COUNT)
    values: dict[str, object] = {}
    for place, attribute in enumerate(model.attributes):
        with columns[place % COLUMN_COUNT]:
            key = f"attribute {attribute.name}"
            if attribute.levels:
                value = st.selectbox(
                    attribute.name, attribute.levels, index=None, key=key
                )
            else:
                range_ = f"{attribute.lowest:,.6g} to {attribute.highest:,.6g}"
                value = st.number_input(
                    attribute.name, value=None, key=key, placeholder=range_
                )
        if value is not None:
            values[attribute.name] = value
    return {"store_attributes": _one_row(number, values)} if values else {}


def _one_row(number: str, values: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{"STORE_NBR": number} | values])


def _read(uploads: "list[UploadedFile]") -> dict[str, pd.DataFrame]:
    """Return the raw tables that files are.

    Raises
    ------
    CommandError
        If one cannot be read, or two are the same table.
    """
    found: dict[str, pd.DataFrame] = {}
    with TemporaryDirectory() as folder:
        for upload in uploads:
            file = Path(folder) / Path(upload.name).name
            file.write_bytes(upload.getbuffer())
            try:
                read = read_tables(file)
            except CommandError as error:
                text = str(error).replace(f"{folder}/", "")
                raise ArgumentError(text) from None
            if twice := read.keys() & found.keys():
                raise ArgumentError(
                    f"got two files of {min(twice)}, expected one: put them together"
                )
            found |= read
    return found


def _show_answer(
    model: Model, given: dict[str, pd.DataFrame], categories: list[str]
) -> None:
    known = model.read(given)
    found = model.assign_known(known, categories=categories)
    if left_out := words.quarantined(known.quarantined):
        st.warning(words.plain("  \n".join(left_out)), icon=":material/filter_alt:")
    if found.empty:
        st.info("There is no store in it.", icon=":material/inbox:")
        return
    _show_totals(found)
    st.header("Clusters", anchor=False)
    reasons = found[["reason_1", "reason_2", "reason_3"]]
    shown = found.assign(
        method=found["method"].map(METHODS),
        why=["; ".join(row.dropna()) for _, row in reasons.iterrows()],
    )
    tables.show(
        shown,
        COLUMNS,
        coloured=["cluster_id", "next_best_cluster"],
        column_order=list(COLUMNS),
    )
    st.caption(
        "Where it is about as far from the next best cluster, or far from sure, it fits"
        " either."
    )
    tables.offer(found, "new stores")
    st.header("Most similar stores", anchor=False)
    similar.show(model.similar(known, categories=categories), name="similar stores")


def _show_totals(found: pd.DataFrame) -> None:
    figures = {
        "Stores": words.number(found["store_id"].nunique()),
        "Categories": words.number(found["category"].nunique()),
        "Sure on average": words.percent(found["probability"].mean()),
        "Inferred": words.number((found["method"] == "inferred").sum()),
    }
    tables.show_figures(figures, helps=HELP)


HELP = {
    "Sure on average": "How likely the clusters are the right ones.",
    "Inferred": "Clusters of which sales or attributes are not known, so that the other"
    " side tells.",
}
COLUMNS = {
    "store_id": st.column_config.TextColumn("Store", width=75),
    "category": st.column_config.TextColumn("Category", width=115),
    "cluster_id": st.column_config.NumberColumn("Cluster", width=55),
    "cluster_name": st.column_config.TextColumn("Name", width=280),
    "probability": tables.share("Sure", width=65),
    "why": st.column_config.TextColumn("Why", width=420),
    "next_best_cluster": st.column_config.NumberColumn("Next best", width=70),
    "distance": tables.decimal("Distance", width=65),
    "next_best_distance": tables.decimal("Distance there", width=100),
    "method": st.column_config.TextColumn("Assignment", width=200),
    "doubts": st.column_config.TextColumn("Doubts", width=420),
}

VIEW = View(
    title="New store",
    path="new_store",
    icon=":material/add_business:",
    tables=("store_clusters",),
    render=render,
    about="Where a store that opens would go, how surely, and why; nothing is saved.",
)
