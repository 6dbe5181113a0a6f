"""Sphinx directives that document the code from itself: nothing is written twice."""
