"""Sphinx directives for what the code says about itself: nothing is written twice."""
