"""Agreement and retention on labels whose answer is plain."""

import pandas as pd
import pytest

from benchmarks.agreement import KEY, agreement, retention, shared_stores


def label(labels: dict[str, list[object]], *, first_store: int = 1) -> pd.Series:
    """Return labels of stores 1, 2, 3 and so on, per category."""
    return pd.concat(
        pd.Series(
            values,
            index=pd.MultiIndex.from_tuples(
                [(category, str(first_store + n)) for n in range(len(values))],
                names=KEY,
            ),
        )
        for category, values in labels.items()
    )


def test_the_same_groups_under_other_names_agree_fully() -> None:
    found = agreement(
        label({"GIN": [1, 1, 2, 2]}), label({"GIN": ["b", "b", "a", "a"]})
    )
    assert found.to_dict() == {"GIN": 1.0}


def test_groups_that_cross_do_not_agree() -> None:
    found = agreement(label({"GIN": [1, 1, 2, 2]}), label({"GIN": [1, 2, 1, 2]}))
    assert found["GIN"] <= 0


def test_one_planted_group_is_agreed_on_by_one_cluster_alone() -> None:
    truth = label({"GIN": [0] * 4, "RUM": [0] * 4})
    found = agreement(truth, label({"GIN": [1] * 4, "RUM": [1, 1, 2, 2]}))
    assert found.to_dict() == {"GIN": 1.0, "RUM": 0.0}


def test_a_category_without_labels_counts_nothing() -> None:
    found = agreement(label({"GIN": [1, 2], "RUM": [1, 2]}), label({"RUM": [1, 2]}))
    assert found.to_dict() == {"GIN": 0.0, "RUM": 1.0}


def test_only_stores_with_both_labels_are_compared() -> None:
    left = label({"GIN": [9, 1, 1, 2, None]})
    right = label({"GIN": [1, 1, 2, 7, 9]}, first_store=2)
    assert shared_stores(left, right).to_dict() == {"GIN": 3}
    assert agreement(left, right).to_dict() == {"GIN": 1.0}


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        ([2, 2, 2, 1, 1, 1], 1.0),  # the names alone changed
        ([1, 1, 1, 1, 1, 2], 4 / 6),
        ([1, 1, 1, 1, 1, 1], 3 / 6),  # merged: one of the two goes on
        ([1, 1, 2, 3, 3, 3], 5 / 6),  # split: a new one holds who left
    ],
)
def test_retention_follows_each_cluster_to_where_most_of_it_went(
    after: list[int], kept: float
) -> None:
    before = label({"GIN": [1, 1, 1, 2, 2, 2]})
    assert retention(before, label({"GIN": after}))["GIN"] == pytest.approx(kept)


def test_two_clusters_are_never_followed_into_one() -> None:
    before = label({"GIN": [1] * 4 + [2] * 3})
    after = label({"GIN": [5] * 4 + [5] * 2 + [6]})
    assert retention(before, after)["GIN"] == pytest.approx(5 / 7)
