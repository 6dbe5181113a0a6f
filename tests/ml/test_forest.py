"""Forest: the likeliest label of rows that have none, from trees kept as data."""

from pathlib import Path

import duckdb
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from ml.forest import MOST_ROWS, TREES, Forest

# three groups on a line, at 0, 10 and 20
LABELS = np.repeat([3, 1, 2], 20)
X = np.repeat([0.0, 10.0, 20.0], 20)[:, None] + np.random.default_rng(0).normal(
    size=(60, 2)
)


def infer(
    X_new: np.ndarray | list, *, X: np.ndarray = X, labels: np.ndarray = LABELS
) -> tuple[np.ndarray, np.ndarray]:
    return Forest.grow(X, labels, random_state=0).predict(np.array(X_new))


def test_a_row_amid_a_group_gets_its_label() -> None:
    labels, probability = infer([[0.0, 0.0], [10.0, 10.0], [20.0, 20.0]])
    assert labels.tolist() == [3, 1, 2]
    assert probability.min() > 0.95


def test_a_row_between_groups_is_less_sure() -> None:
    _, (amid, between) = infer([[10.0, 10.0], [15.0, 15.0]])
    assert between < 0.8 < amid


def test_where_there_is_one_label_it_is_certain() -> None:
    labels, probability = infer([[5.0, 5.0], [99.0, 0.0]], labels=np.full(60, 7))
    assert labels.tolist() == [7, 7]
    assert probability.tolist() == [1.0, 1.0]


def test_one_row_is_enough_to_learn_from() -> None:
    labels, probability = infer([[5.0]], X=np.zeros((1, 1)), labels=np.array([4]))
    assert labels.tolist() == [4]
    assert probability.tolist() == [1.0]


def test_of_two_labels_that_are_equally_likely_the_smaller_one_counts() -> None:
    # two rows that nothing sets apart: each tree draws its own share of them
    alike, labels = np.zeros((2, 1)), np.array([8, 5])
    forests = (Forest.grow(alike, labels, random_state=s) for s in range(99))
    draws = (forest.predict(alike[:1]) for forest in forests)
    assert next(label for label, probability in draws if probability == 0.5) == 5


def test_probabilities_are_those_of_the_likeliest_of_all_labels() -> None:
    rows = np.random.default_rng(1).uniform(-5, 25, size=(200, 2))
    labels, probability = infer(rows)
    assert set(labels) == {1, 2, 3}
    assert (probability >= 1 / 3).all()
    assert (probability <= 1).all()


def test_one_seed_gives_one_answer() -> None:
    rows = np.random.default_rng(1).uniform(-5, 25, size=(50, 2))
    first, second = (infer(rows) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_no_label_changes_with_the_unit() -> None:
    rows = np.random.default_rng(1).uniform(-5, 25, size=(50, 2))
    np.testing.assert_array_equal(infer(rows)[0], infer(1024 * rows, X=1024 * X)[0])


def test_probabilities_are_those_of_scikit_learn_to_the_last_bit() -> None:
    rows = np.random.default_rng(1).uniform(-5, 25, size=(500, 2))
    forest = RandomForestClassifier(
        TREES, max_samples=min(len(X), MOST_ROWS), random_state=7
    )
    expected = forest.fit(X, LABELS).predict_proba(rows)
    found = Forest.grow(X, LABELS, random_state=7).predict_proba(rows)
    np.testing.assert_array_equal(found, expected)


def test_a_forest_is_the_same_after_it_was_kept_as_parquet(tmp_path: Path) -> None:
    grown = Forest.grow(X, LABELS, random_state=0)
    file = str(tmp_path / "trees.parquet")
    duckdb.from_df(grown.to_rows()).write_parquet(file)
    kept = Forest.from_rows(duckdb.sql(f"from '{file}'").df())
    X_new = np.random.default_rng(1).uniform(-5, 25, size=(50, 2))
    np.testing.assert_array_equal(kept.predict_proba(X_new), grown.predict_proba(X_new))
