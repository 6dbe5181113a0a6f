"""The budget over the whole chain goes where clusters are worth most."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.final import allocate_budget


def draw_values(seed: int, *, categories: int, concave: bool) -> pd.DataFrame:
    """Value by number of clusters, of categories of very different sizes."""
    rng = np.random.default_rng(seed)
    frames = []
    for number in range(categories):
        steps = rng.exponential(size=rng.integers(1, 9)) * 10 ** rng.uniform(3, 6)
        if concave:
            steps = np.sort(steps)[::-1]
        else:
            steps = steps * rng.choice(
                [-0.3, 0.0, 1.0], size=len(steps), p=[0.2, 0.3, 0.5]
            )
        value = np.concatenate([[0.0], np.cumsum(steps)])
        clusters = np.arange(1, len(value) + 1)
        frames.append(
            pd.DataFrame(
                {"category": f"C{number}", "clusters": clusters, "value": value}
            )
        )
    return pd.concat(frames, ignore_index=True).sample(frac=1, random_state=seed)


def best_value(values: pd.DataFrame, total: int) -> float:
    """Return the best value by trying all there is, one category after the other."""
    sums = {0: 0.0}
    for _, rows in values.groupby("category"):
        after: dict[int, float] = {}
        for (spent, worth), row in product(sums.items(), list(rows.itertuples())):
            clusters = spent + row.clusters
            if clusters <= total:
                after[clusters] = max(after.get(clusters, -np.inf), worth + row.value)
        sums = after
    return max(sums.values())


def value_of(values: pd.DataFrame, chosen: pd.DataFrame) -> float:
    return values.merge(chosen, on=["category", "clusters"])["value"].sum()


@pytest.mark.parametrize("concave", [True, False])
@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), categories=st.integers(1, 8), data=st.data())
def test_budget_gets_the_best_value_and_is_never_exceeded(
    concave, seed, categories, data
):
    values = draw_values(seed, categories=categories, concave=concave)
    total = data.draw(st.integers(categories, 9 * categories))
    chosen = allocate_budget(values, total)
    assert chosen["category"].tolist() == sorted(set(values["category"]))
    assert chosen["clusters"].sum() <= total
    best = best_value(values, total)
    assert value_of(values, chosen) == pytest.approx(best, rel=1e-9)


@given(seed=st.integers(0, 10_000))
def test_larger_budget_is_never_worth_less(seed):
    values = draw_values(seed, categories=6, concave=False)
    worth = [value_of(values, allocate_budget(values, total)) for total in range(6, 55)]
    assert all(np.diff(worth) >= -1e-9 * worth[-1])
    assert worth[-1] == pytest.approx(values.groupby("category")["value"].max().sum())


def test_order_of_rows_does_not_matter():
    values = draw_values(3, categories=8, concave=False)
    chosen = allocate_budget(values, 20)
    assert chosen.equals(allocate_budget(values.sort_values("value"), 20))


def test_no_budget_is_the_highest_value_of_each_category():
    values = draw_values(5, categories=4, concave=False)
    best = values.groupby("category")["value"].max()
    chosen = allocate_budget(values, 0)
    assert value_of(values, chosen) == pytest.approx(best.sum())


def test_numbers_that_are_not_allowed_are_not_chosen():
    values = draw_values(7, categories=4, concave=True)
    values = values.assign(is_allowed=values["clusters"].isin([1, 2]))
    assert allocate_budget(values, 30)["clusters"].max() == 2


def test_category_without_figures_keeps_its_fewest_clusters():
    values = draw_values(9, categories=2, concave=True)
    unknown = values[values["category"] == "C0"].assign(category="X", value=np.nan)
    chosen = allocate_budget(pd.concat([values, unknown]), 12)
    assert chosen.set_index("category")["clusters"]["X"] == 1


def test_budget_below_one_cluster_each_is_refused():
    values = draw_values(1, categories=5, concave=True)
    with pytest.raises(ValueError, match="total_final_clusters=4 for 5 categories"):
        allocate_budget(values, 4)
