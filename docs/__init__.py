"""The docs site: its pages, and what builds it."""
