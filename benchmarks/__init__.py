"""Measurements of the pipeline: how fast it is, and how good its clusters are."""
