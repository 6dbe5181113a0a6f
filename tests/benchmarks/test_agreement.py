"""Agreement on labels whose answer is plain."""

import pandas as pd

from benchmarks.agreement import KEY, agreement, shared_stores


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
