"""The dashboard: pages over published runs."""
