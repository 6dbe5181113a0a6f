"""The baselines find what is plain to see, and give up where they should."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.agreement import KEY, agreement
from benchmarks.baselines import (
    choose_usual_k,
    choose_usual_ks,
    label_kmeans,
    label_stores,
    label_ward,
    scaled_shares,
    share_matrix,
)

NEED_STATES = ("DRY", "PINK", "AGED")


def draw_shares(category: str, sizes: tuple[int, ...]) -> pd.DataFrame:
    """Return shares of stores of which each group buys mainly one need state."""
    rng = np.random.default_rng(7)
    group = np.repeat(np.arange(len(sizes)), sizes)
    drawn = np.array(
        [rng.dirichlet(300 * (np.eye(3)[one] * 0.7 + 0.1)) for one in group]
    )
    wide = pd.DataFrame(drawn, columns=NEED_STATES).assign(
        category=category,
        store_id=[f"{number:04}" for number in range(len(group))],
        group=group,
    )
    return wide.melt(
        ["category", "store_id", "group"],
        var_name="need_state",
        value_name="sales_share",
    )


def planted(shares: pd.DataFrame) -> pd.Series:
    return shares.drop_duplicates(KEY).set_index(KEY)["group"]


def test_a_need_state_that_a_store_does_not_sell_has_no_share() -> None:
    shares = pd.DataFrame(
        [("2", "DRY", 1.0), ("1", "DRY", 0.25), ("1", "PINK", 0.75)],
        columns=["store_id", "need_state", "sales_share"],
    )
    matrix = share_matrix(shares)
    assert matrix.loc["1"].to_dict() == {"DRY": 0.25, "PINK": 0.75}
    assert matrix.loc["2"].to_dict() == {"DRY": 1.0, "PINK": 0.0}


@pytest.mark.parametrize("method", [label_kmeans, label_ward])
def test_groups_far_apart_are_found_in_each_category(method) -> None:
    shares = pd.concat([draw_shares("GIN", (30, 40, 50)), draw_shares("RUM", (60, 30))])
    k = pd.Series({"GIN": 3, "RUM": 2})
    found = agreement(planted(shares), label_stores(shares, k, method=method))
    assert found.to_dict() == {"GIN": 1.0, "RUM": 1.0}


def test_the_usual_script_finds_how_many_groups_there_are() -> None:
    shares = pd.concat([draw_shares("GIN", (30, 40, 50)), draw_shares("RUM", (60, 30))])
    assert choose_usual_ks(shares).to_dict() == {"GIN": 3, "RUM": 2}


def test_the_usual_script_gives_up_where_every_k_leaves_a_handful_apart() -> None:
    # 18 stores in all: no cut leaves both sides with 10.
    assert choose_usual_k(scaled_shares(draw_shares("GIN", (9, 9)))) is None
    assert choose_usual_k(scaled_shares(draw_shares("GIN", (11, 11)))) == 2


def test_the_usual_script_wants_larger_clusters_where_there_are_many_stores() -> None:
    assert choose_usual_k(scaled_shares(draw_shares("GIN", (80, 80, 15)))) == 3
    assert choose_usual_k(scaled_shares(draw_shares("GIN", (120, 120, 15)))) != 3


def test_a_category_that_is_given_up_has_no_labels_and_counts_nothing() -> None:
    shares = pd.concat([draw_shares("GIN", (30, 40, 50)), draw_shares("RUM", (60, 30))])
    found = label_stores(shares, pd.Series({"GIN": 3}), method=label_kmeans)
    assert agreement(planted(shares), found).to_dict() == {"GIN": 1.0, "RUM": 0.0}
    nothing = label_stores(shares, pd.Series(dtype=int), method=label_kmeans)
    assert agreement(planted(shares), nothing).to_dict() == {"GIN": 0.0, "RUM": 0.0}
