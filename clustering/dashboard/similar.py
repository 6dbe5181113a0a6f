"""The stores most similar to others, as a table on two pages."""

import pandas as pd
import streamlit as st

from clustering.dashboard import tables

COLUMNS = {
    "store_id": st.column_config.TextColumn("Store", width=75),
    "category": st.column_config.TextColumn("Category", width=115),
    "similar_rank": st.column_config.NumberColumn("Rank", width=50),
    "similar_store": st.column_config.TextColumn("Similar store", width=110),
    "cluster_id": st.column_config.NumberColumn("Its cluster", width=80),
    "distance": tables.decimal(
        "Distance",
        width=80,
        help="Between both stores, in units of the joint features.",
    ),
    "why": st.column_config.TextColumn("What both have", width=420),
}


def show(similar: pd.DataFrame, *, name: str) -> None:
    """Show similar stores, by the columns that are there, and offer them as a file.

    Parameters
    ----------
    similar : DataFrame
        As `Model.similar` returns it; ``why`` may be there, too.
    name : str
        Of the file.
    """
    shown = [column for column in COLUMNS if column in similar]
    tables.show(
        similar, COLUMNS, coloured=["cluster_id"], column_order=shown, height=280
    )
    tables.offer(similar, name)
