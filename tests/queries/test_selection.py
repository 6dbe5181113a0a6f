"""Selections of a run, and what the run has."""

import pandas as pd
import pytest

from clustering.core.errors import ArgumentError
from clustering.queries.selection import (
    Selection,
    find_category,
    list_categories,
    select,
)
from tests.dashboard.runs import write_run


def test_nothing_asked_for_is_everything(small_run):
    assert select(small_run, category=None, cluster=None) == Selection()


def test_capitals_do_not_matter(small_run):
    (category, _) = list_categories(small_run)
    found = select(small_run, category=category.lower(), cluster=1)
    assert found == Selection(category, 1)


def test_an_unknown_category_is_refused_with_the_nearest_and_all_there_are(small_run):
    (first, second) = list_categories(small_run)
    with pytest.raises(ArgumentError) as error:
        select(small_run, category=first[:-1] + "Q", cluster=None)
    message = str(error.value)
    assert f"did you mean {first!r}?" in message
    assert f"there are: {first}, {second}" in message


def test_nothing_near_is_not_guessed_at(small_run):
    with pytest.raises(ArgumentError) as error:
        select(small_run, category="#", cluster=None)
    assert "did you mean" not in str(error.value)


def test_an_unknown_cluster_is_refused_with_those_there_are(small_run):
    category = list_categories(small_run)[0]
    with pytest.raises(ArgumentError, match=r"no cluster 99 in .*; there are: 1"):
        select(small_run, category=category, cluster=99)


def test_a_cluster_needs_its_category(small_run):
    with pytest.raises(ArgumentError, match="--category"):
        select(small_run, category=None, cluster=1)


def test_capitals_tell_two_categories_apart(tmp_path):
    quality = pd.DataFrame({"category": ["beer", "BEER", "WINE"]})
    run = write_run(tmp_path / "run", cluster_quality=quality)
    assert [find_category(run, name) for name in ("BEER", "beer")] == ["BEER", "beer"]
    assert find_category(run, "wine") == "WINE"
    with pytest.raises(ArgumentError, match="'Beer' may be BEER or beer;"):
        find_category(run, "Beer")
