"""How far categories agree: in their stores' surroundings, and in their clusters."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ml.frames import typed_frame
from ml.settings import Scopes
from ml.stability import pairwise_agreement

# From where two columns say the same.
ALIKE = 0.9
# The one scope of all categories.
EVERYTHING = "all categories"
SCOPES = {"category": "str", "scope": "str"}


def external_scopes(
    categories: Iterable[str],
    values: pd.DataFrame,
    alone: Iterable[str],
    settings: Scopes,
) -> pd.DataFrame:
    """Group categories whose stores have the same surroundings.

    That is for ``external_scope`` auto. ``global`` puts all together, and ``category``
    none; none as well where each category has features of its own, its drivers.

    Most of what surrounds a store is the same whatever it sells. What is given by
    category differs where the stores have another order by it. The category that most
    others are alike to comes first, and gives its name to them all; then the same
    among those that are left.

    Two categories are alike if each feature's rank correlation (Spearman) over the
    stores in both is above ``ALIKE``; of text, the share of those stores in which both
    have the same. A feature that only one of them has is a difference.

    Parameters
    ----------
    categories : iterable of str
        All categories.
    values : DataFrame
        External features that are given by category: store_id, category, feature,
        value (number) and level (text), one of both null.
    alone : iterable of str
        Categories that are clustered by themselves where the scope is auto.
    settings : Scopes

    Returns
    -------
    DataFrame
        One row per category, by name: category, and scope, the name of the category
        that it is clustered as.

    Examples
    --------
    >>> stores = pd.DataFrame({"store_id": ["1", "2", "3"], "feature": "MARKET"})
    >>> gin = stores.assign(category="GIN", value=[1.0, 2.0, 3.0], level=None)
    >>> rum = gin.assign(category="RUM", value=[10.0, 21.0, 28.0])
    >>> tea = gin.assign(category="TEA", value=[3.0, 1.0, 2.0])
    >>> values = pd.concat([gin, rum, tea])
    >>> auto = Scopes(external_scope="auto", external_feature_selection="all")
    >>> scopes = external_scopes(["GIN", "RUM", "TEA"], values, [], auto)
    >>> scopes["scope"].tolist()
    ['GIN', 'GIN', 'TEA']
    """
    names = sorted(set(categories))
    if settings.external_scope == "global":
        scope = dict.fromkeys(names, EVERYTHING)
    elif (
        settings.external_scope == "category"
        or settings.external_feature_selection == "drivers"
    ):
        scope = dict(zip(names, names, strict=True))
    else:
        scope = _group(names, values, alone)
    rows = pd.DataFrame({"category": names, "scope": [scope[name] for name in names]})
    return rows.astype(SCOPES)


def _group(
    names: list[str], values: pd.DataFrame, alone: Iterable[str]
) -> dict[str, str]:
    """Return the scope of each category by what its stores are surrounded by."""
    alike = _alike(names, values)
    by_itself = np.isin(names, list(alone))
    alike &= ~(by_itself[:, None] | by_itself)
    alike |= np.eye(len(names), dtype=bool)
    scope: dict[str, str] = {}
    while left := [name for name in names if name not in scope]:
        among = alike.loc[left, left]
        leader = str(among.sum(axis="columns").idxmax())
        scope |= dict.fromkeys(among.columns[among.loc[leader]], leader)
    return scope


def _alike(names: list[str], values: pd.DataFrame) -> pd.DataFrame:
    """Return a table of categories by categories: True where two are alike."""
    alike = pd.DataFrame(data=True, index=names, columns=names)
    for _, rows in values[values["category"].isin(names)].groupby("feature"):
        is_text = rows["level"].notna().any()
        table = rows.pivot_table(
            index="store_id",
            columns="category",
            values="level" if is_text else "value",
            aggfunc="first",
        )
        similar = _same_share(table) if is_text else _rank_correlation(table)
        similar = similar.reindex(index=names, columns=names)
        has = pd.Series(names, index=names).isin(table.columns).to_numpy()
        has_neither = ~has[:, None] & ~has
        alike &= (similar > ALIKE) | has_neither
    return alike


def _rank_correlation(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype(float).rank().corr(min_periods=3)


def _same_share(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share of stores with the same level, for each pair of columns."""
    known = table.notna().astype(float)
    levels = pd.unique(table.to_numpy().ravel())
    same = sum(
        (is_level := (table == level).astype(float)).T.dot(is_level)
        for level in levels
        if isinstance(level, str)
    )
    return same / known.T.dot(known)


COMPARED = {
    "internal_agreement": "internal_cluster",
    "external_agreement": "external_cluster",
    "final_agreement": "cluster_id",
}
TYPES = {
    "category": "str",
    "other_category": "str",
    "common_stores": "int64",
    **dict.fromkeys(COMPARED, "float64"),
}


def compare_categories(clusters: pd.DataFrame) -> pd.DataFrame:
    """Return how far the clusters of each pair of categories agree.

    The adjusted Rand index (`ml.stability.rand_agreement`) of the stores that both
    have: 1 where these are in the same clusters, whatever their numbers, about 0 where
    the clusters of one say nothing about those of the other.

    Parameters
    ----------
    clusters : DataFrame
        One row per store and category: store_id, category, internal_cluster,
        external_cluster and cluster_id, not negative.

    Returns
    -------
    DataFrame
        One row per two categories, category before other_category by name:
        common_stores, internal_agreement, external_agreement and final_agreement; nan
        where fewer than two stores are in common.

    Examples
    --------
    >>> clusters = pd.DataFrame({
    ...     "store_id": ["1", "2", "3", "4"] * 2,
    ...     "category": ["GIN"] * 4 + ["RUM"] * 4,
    ...     "internal_cluster": [1, 1, 2, 2, 1, 2, 1, 2],
    ...     "external_cluster": [1, 1, 2, 2, 2, 2, 1, 1],
    ...     "cluster_id": [1, 1, 2, 3, 1, 1, 2, 2],
    ... })
    >>> compare_categories(clusters).round(3).iloc[0].to_dict()
    {'category': 'GIN', 'other_category': 'RUM', 'common_stores': 4, \
'internal_agreement': -0.5, 'external_agreement': 1.0, 'final_agreement': 0.571}
    """
    places = pd.factorize(clusters["store_id"])[0]
    by_name = dict(list(clusters.assign(place=places).groupby("category", sort=True)))
    if len(by_name) < 2:
        return typed_frame([], TYPES)
    names, groups = np.array(list(by_name), dtype=object), list(by_name.values())
    picked = [rows["place"].to_numpy() for rows in groups]
    pairs = np.triu_indices(len(groups), k=1)
    common = _count_common(picked, stores=places.max() + 1)[pairs]
    scores = {
        score: np.where(common < 2, np.nan, _agreement(groups, picked, column)[pairs])
        for score, column in COMPARED.items()
    }
    first, second = (names[place] for place in pairs)
    found = {"category": first, "other_category": second, "common_stores": common}
    return typed_frame([pd.DataFrame(found | scores)], TYPES)


def _count_common(picked: list[np.ndarray], *, stores: int) -> np.ndarray:
    """Return the number of stores that each pair of categories has in common."""
    has = np.zeros((len(picked), stores))
    for row, places in zip(has, picked, strict=True):
        row[places] = 1
    return (has @ has.T).astype(int)


def _agreement(
    groups: list[pd.DataFrame], picked: list[np.ndarray], column: str
) -> np.ndarray:
    labels = [rows[column].to_numpy(dtype=int) for rows in groups]
    return pairwise_agreement(picked, labels)
