"""The `clustering` command: thin over dbt, publishing and the sample input."""
