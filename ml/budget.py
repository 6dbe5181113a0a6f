"""Budget: final clusters over the whole chain, where they are worth most."""

import numpy as np
import pandas as pd


def allocate_budget(values: pd.DataFrame, total: int) -> pd.DataFrame:
    """Return the number of clusters of each category, at most ``total`` together.

    The total value is the highest there is: a multiple-choice knapsack (Kellerer,
    Pferschy and Pisinger 2004, Knapsack Problems, chapter 11), solved exactly by
    dynamic programming over the categories, in the time of categories x total x
    numbers of clusters. Of equally good numbers the smallest is taken.

    Parameters
    ----------
    values : DataFrame
        One row per category and number of clusters: category, clusters (from 1 up),
        value (in money, beyond that of one cluster; null is none); optionally
        is_allowed, False where the number may not be chosen.
    total : int
        Clusters of all categories together; 0 is no budget: each category gets the
        number of its highest value, the smallest such.

    Returns
    -------
    DataFrame
        One row per category, by name: category, clusters.

    Raises
    ------
    ValueError
        If the total is below the fewest clusters that the categories can have.

    Examples
    --------
    >>> values = pd.DataFrame({
    ...     "category": ["GIN"] * 3 + ["RUM"] * 3,
    ...     "clusters": [1, 2, 3] * 2,
    ...     "value": [0.0, 9.0, 10.0, 0.0, 4.0, 7.0],
    ... })
    >>> allocate_budget(values, 4).to_dict("list")
    {'category': ['GIN', 'RUM'], 'clusters': [2, 2]}
    >>> allocate_budget(values, 1)
    Traceback (most recent call last):
        ...
    ValueError: got total_final_clusters=1 for 2 categories that need 2 clusters at \
least, expected 0 (no budget) or at least 2: raise it, or leave categories out with \
excluded_categories
    """
    curves = _curves(values)
    least = sum(int(curve.index[0]) for curve in curves.values())
    if total and total < least:
        raise ValueError(
            f"got total_final_clusters={total} for {len(curves)} categories that need"
            f" {least} clusters at least, expected 0 (no budget) or at least {least}:"
            " raise it, or leave categories out with excluded_categories"
        )
    most = sum(int(curve.index[-1]) for curve in curves.values())
    chosen = _best_numbers(curves, min(total or most, most))
    return pd.DataFrame(
        {"category": list(chosen), "clusters": list(chosen.values())}
    ).astype({"category": "str", "clusters": "int64"})


def _curves(values: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the value of each category by number of clusters, where allowed."""
    if "is_allowed" in values:
        values = values[values["is_allowed"].astype(bool)]
    ordered = values.sort_values(["category", "clusters"])
    return {
        str(category): rows.set_index("clusters")["value"].astype(float).fillna(0.0)
        for category, rows in ordered.groupby("category", sort=True)
    }


def _best_numbers(curves: dict[str, pd.Series], total: int) -> dict[str, int]:
    """Return the clusters of each category that are worth most together.

    Examples
    --------
    >>> steep = pd.Series([0.0, 1.0, 9.0], index=[1, 2, 3])
    >>> _best_numbers({"GIN": steep, "RUM": pd.Series([0.0, 2.0], index=[1, 2])}, 4)
    {'GIN': 3, 'RUM': 1}
    """
    best = np.zeros(total + 1)
    numbers = {}
    for category, whole in curves.items():
        curve = whole.loc[:total]
        options = np.full((len(curve), total + 1), -np.inf)
        for row, (clusters, value) in enumerate(curve.items()):
            options[row, clusters:] = best[: total + 1 - clusters] + value
        best = options.max(axis=0)
        numbers[category] = curve.index.to_numpy()[options.argmax(axis=0)]
    chosen = {}
    for category in reversed(numbers):
        chosen[category] = int(numbers[category][total])
        total -= chosen[category]
    return dict(reversed(chosen.items()))
