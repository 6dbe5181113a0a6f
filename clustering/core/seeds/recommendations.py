"""The seed recommendation_rules: what a rule may be about."""

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
    """Refuse a rule that could never be followed.

    Raises
    ------
    InputError
        With the value that is unknown, and those that are known.
    """
    rows = rules.rows.values()
    for column, known in KNOWN.items():
        rules.check_known(column, {row[column] or "" for row in rows}, known)
    texts = (row["recommendation"] or "" for row in rows)
    found = {one for text in texts for one in PLACEHOLDER.findall(text)}
    rules.check_known("placeholder", found, PLACEHOLDERS)
