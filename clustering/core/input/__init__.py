"""The raw input: located, validated against its contract, and opened as views.

The contract is dbt_project/models/staging/__sources.yml. The first violation stops the
run with one line: what, where, value found, value expected, remedy.
"""

from clustering.core.input.opening import RawInput, find_paths, open_input

__all__ = ["RawInput", "find_paths", "open_input"]
