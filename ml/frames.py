"""Frames between the steps of the method: typed, by category, and as a matrix."""

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
    return np.array(components.to_list(), dtype=float).reshape(len(components), width)


def or_empty(lists: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Return a list for each of ``rows``: an empty one where there is none.

    A column of nulls alone would have another type in the warehouse.

    Examples
    --------
    >>> or_empty(pd.Series([[1.0]], index=[7]), pd.DataFrame(index=[6, 7])).map(len)
    6    0
    7    1
    dtype: int64
    """
    there = lists.dropna()
    empty = [there.get(row, np.zeros(0)) for row in rows.index]
    return pd.Series(empty, index=rows.index, dtype=object)


def feature_matrix(
    features: pd.DataFrame, *, category: str, store_ids: pd.Index
) -> pd.DataFrame:
    """Pivot the features of one category: a row per store, a column per feature.

    Parameters
    ----------
    features : DataFrame
        Columns store_id, category (null where the feature holds in every category),
        feature, value (float, null for categorical features) and, where there are
        categorical features, level (text).
    category : str
        The category to pivot.
    store_ids : Index
        The rows wanted, in that order. A store without features gets nulls.

    Returns
    -------
    DataFrame
        Indexed by ``store_ids``; numeric columns are float, categorical ones object.
        Columns are sorted by name, so that the result does not depend on row order.

    Examples
    --------
    >>> features = pd.DataFrame(
    ...     {
    ...         "store_id": ["1", "2", "1"],
    ...         "category": ["GIN", "GIN", None],
    ...         "feature": ["DRY", "DRY", "INCOME"],
    ...         "value": [0.4, 1.0, 7.0],
    ...     }
    ... )
    >>> stores = pd.Index(["2", "1"])
    >>> feature_matrix(features, category="GIN", store_ids=stores).to_dict("index")
    {'2': {'DRY': 1.0, 'INCOME': nan}, '1': {'DRY': 0.4, 'INCOME': 7.0}}
    """
    rows = features[features["category"].isna() | (features["category"] == category)]
    parts = [_pivot(rows.dropna(subset="value"), "value").astype(float)]
    if "level" in rows:
        parts.append(_pivot(rows.dropna(subset="level"), "level").astype(object))
    matrix = pd.concat(parts, axis=1).reindex(store_ids)
    return matrix.sort_index(axis=1).rename_axis(index="store_id", columns="feature")


def odd_sales_matrix(
    features: pd.DataFrame, *, category: str, store_ids: pd.Index
) -> pd.DataFrame | None:
    """Pivot the sales of every other period, as `feature_matrix` pivots all sales.

    Returns None where there is nothing to pivot: no column odd_sales, or nulls alone,
    as where the input has no periods.

    Examples
    --------
    >>> sales = pd.DataFrame(
    ...     {
    ...         "store_id": ["1", "2"],
    ...         "category": "GIN",
    ...         "feature": "DRY",
    ...         "value": [0.4, 1.0],
    ...         "odd_sales": [0.1, 1.0],
    ...     }
    ... )
    >>> stores = pd.Index(["1", "2"])
    >>> odd_sales_matrix(sales, category="GIN", store_ids=stores)["DRY"].to_list()
    [0.1, 1.0]
    """
    if "odd_sales" not in features or features["odd_sales"].isna().all():
        return None
    odd = features.assign(value=features["odd_sales"])
    return feature_matrix(odd, category=category, store_ids=store_ids)


def features_by_category(features: pd.DataFrame) -> Callable[[str], pd.DataFrame]:
    """Return a function that returns the features that apply to a category.

    It reads all features once, where `feature_matrix` would for every category.
    """
    everywhere = features[features["category"].isna()]
    of_category = dict(tuple(features.groupby("category")))

    def features_of(category: str) -> pd.DataFrame:
        own = of_category.get(category, everywhere.head(0))
        return pd.concat([everywhere, own])

    return features_of


def _pivot(rows: pd.DataFrame, values: str) -> pd.DataFrame:
    return rows.pivot(index="store_id", columns="feature", values=values)
