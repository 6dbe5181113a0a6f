"""Published runs: what was built, what is served, and what was decided."""
