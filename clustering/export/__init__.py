"""Clusters as files and in MLflow: workbooks, reports, tracking."""
