"""Frames between pipeline steps: one row per store and category, typed."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd


def typed_frame(parts: Iterable[pd.DataFrame], types: dict[str, str]) -> pd.DataFrame:
    """Stack ``parts`` into one frame with the columns and types of ``types``.

    No parts at all, as where the input is empty, give an empty frame of those types.

    Examples
    --------
    >>> typed_frame([], {"category": "str", "k": "int64"})["k"].dtype
    dtype('int64')
    """
    empty = pd.DataFrame(columns=list(types)).astype(types)
    parts = list(parts)
    return (
        pd.concat(parts, ignore_index=True)[list(types)].astype(types)
        if parts
        else empty
    )


def by_category(
    frame: pd.DataFrame, function: Callable[[str, pd.DataFrame], pd.DataFrame]
) -> list[pd.DataFrame]:
    """Apply ``function(category, rows)`` to each category, rows sorted by store.

    The order of categories and rows does not depend on that of ``frame``: same
    input, same output, whatever order the warehouse returns rows in.
    """
    ordered = frame.sort_values(["category", "store_id"], ignore_index=True)
    return [
        function(str(category), rows.reset_index(drop=True))
        for category, rows in ordered.groupby("category", sort=True)
    ]


def stacked(components: pd.Series) -> np.ndarray:
    """Return a column of equally long lists as one array of rows by components."""
    width = len(components.iloc[0]) if len(components) else 1
    return np.array(components.to_list(), dtype=float).reshape(-1, width)
