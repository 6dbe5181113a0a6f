"""Queries: the figures of a run, aggregated in SQL, for all interfaces."""
