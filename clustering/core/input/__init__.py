"""The raw input: located, validated against its contract, and opened as views.

The contract is dbt_project/models/staging/__sources.yml. The first violation stops the
run with one line: what, where, value found, value expected, remedy.
"""

from clustering.core.input.opening import find_globs, open_input
from clustering.core.input.tables import Table, read_contract

__all__ = ["Table", "find_globs", "open_input", "read_contract"]
