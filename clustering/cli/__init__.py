"""The `clustering` command, a thin layer over dbt, publishing and sample input."""
