"""A dictionary of features, as its seed is read."""

import pandas as pd

TEXTS = ["feature", "category", "label", "unit", "word_low", "word_high"]
COLUMNS = [*TEXTS, "lower_is_better"]


def labels(*rows: dict[str, str]) -> pd.DataFrame:
    """Return rows of the dictionary; what is not given is null."""
    return pd.DataFrame(list(rows), columns=COLUMNS, dtype=object)
