"""Clusters for people and tools that take files: workbook, report, tracking."""
