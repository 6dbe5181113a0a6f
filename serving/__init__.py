"""What readers get: published runs, PostgreSQL, workbooks and reports."""
