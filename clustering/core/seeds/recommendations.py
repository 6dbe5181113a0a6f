"""The seed recommendation_rules: areas, measures and placeholders that exist."""

import re

from clustering.core.seeds.tables import Seed

KNOWN = {
    "area": {"assortment", "space", "pricing", "marketing", "trust"},
    "measure": {
        "need_state_index",
        "need_state_points",
        "external_difference",
        "sales_index",
        "sales_share",
        "store_share",
        "inferred_share",
        "outlier_share",
        "stability",
    },
    "comparison": {"at_least", "at_most", "above", "below"},
}
PLACEHOLDERS = {"{feature}", "{here}", "{average}", "{nearest}"}
PLACEHOLDER = re.compile(r"\{[^}]*\}?")


def check_rules(rules: Seed) -> None:
    """Reject a rule that could never apply.

    Raises
    ------
    InputError
        With the unknown value, and the known ones.
    """
    rows = rules.rows.values()
    for column, known in KNOWN.items():
        rules.check_known(column, {row[column] or "" for row in rows}, known)
    texts = (row["recommendation"] or "" for row in rows)
    found = {one for text in texts for one in PLACEHOLDER.findall(text)}
    rules.check_known("placeholder", found, PLACEHOLDERS)
