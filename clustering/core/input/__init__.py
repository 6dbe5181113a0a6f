"""The raw input: found, checked against its contract, and shown as views.

The contract is dbt_project/models/staging/__sources.yml. The first thing that is wrong
stops everything with one line: what, where, value found, value wanted, remedy.
"""

from clustering.core.input.opening import find_globs, open_input
from clustering.core.input.tables import Table, read_contract

__all__ = ["Table", "find_globs", "open_input", "read_contract"]
