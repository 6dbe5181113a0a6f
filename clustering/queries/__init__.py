"""Queries: what a page shows of a run, aggregated in SQL; they know no Streamlit."""
