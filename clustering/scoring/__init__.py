"""Scoring: the clusters of stores by the models of a published run."""
