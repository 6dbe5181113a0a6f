"""Reuse: kept and fitted rows together equal fitting everything."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pytest

import ml
from clustering.core.paths import DBT_PROJECT
from ml import processes
from ml.candidates import score_candidates
from ml.centres import fit_centres
from ml.cluster import fit_clusters
from ml.drivers import find_drivers
from ml.final import merge_finals
from ml.finish import finish_clusters
from ml.firmness import score_clusters, score_finals
from ml.frames import typed_frame
from ml.joint import grow_forests, pair_clusters
from ml.preparation import fit_projections, prepare
from ml.reuse import Reuse, category_fingerprints, fingerprint, refit_changed
from ml.settings import (
    ClusterScores,
    Drivers,
    FinalScores,
    Finish,
    Fit,
    Group,
    MergePaths,
    Randomness,
    Search,
    Weights,
)
from ml.value import measure_value
from tests.ml.sides import preparation_of
from tests.ml.test_invariance import (
    ALGORITHM,
    NOTHING_FIXED,
    PREPARATION,
    SCALINGS,
    input_of,
)

SETTINGS = {"k": 2, "must_keep": ["INCOME"]}
GIN_AND_RUM = pd.DataFrame(
    {
        "store_id": ["1", "2", "1", "2"],
        "category": ["GIN", "GIN", "RUM", "RUM"],
        "value": [0.1, 2.0, 3.0, 4.0],
        "level": ["city", None, "mall", ""],
        "components": [np.array([0.5, 1.0]), None, np.array([2.0, 0.0]), None],
        "in_fit": [True, False, True, False],
    }
)


def change(column: str, row: int, value: object) -> pd.DataFrame:
    """Return the two categories with another value; rows 2 and 3 are RUM's."""
    values = GIN_AND_RUM[column].to_list()
    values[row] = value
    return GIN_AND_RUM.assign(**{column: pd.Series(values)})


def fingerprints(*frames: pd.DataFrame, **settings: object) -> dict[str, str]:
    return category_fingerprints(frames, SETTINGS | settings)


@pytest.mark.parametrize(
    "same",
    [
        GIN_AND_RUM[::-1],
        GIN_AND_RUM[GIN_AND_RUM.columns[::-1]],
        GIN_AND_RUM.astype({"in_fit": "int64"}),
        GIN_AND_RUM.astype({"in_fit": "Int64", "value": "Float64", "level": object}),
        GIN_AND_RUM.assign(input_fingerprint="other", is_kept=True),
    ],
    ids=["rows", "columns", "integers", "nullable", "bookkeeping"],
)
def test_the_fingerprint_does_not_depend_on_order_or_type(same):
    assert fingerprints(same) == fingerprints(GIN_AND_RUM)


def test_a_column_of_nulls_is_the_same_whatever_its_type():
    nulls = (
        GIN_AND_RUM.assign(more=pd.Series([None] * 4, dtype=dtype))
        for dtype in ("object", "str", "float64", "Int32", "boolean")
    )
    assert len({fingerprints(frame)["GIN"] for frame in nulls}) == 1


@pytest.mark.parametrize(
    "changed",
    [
        change("value", 2, np.nextafter(3.0, 4.0)),
        change("value", 2, np.nan),
        change("level", 3, None),
        change("level", 2, "Mall"),
        change("components", 2, np.array([2.0, np.nextafter(0.0, 1.0)])),
        change("components", 3, np.array([0.0])),
        change("in_fit", 2, False),
        GIN_AND_RUM.iloc[:3],
        GIN_AND_RUM.iloc[[0, 1, 2, 3, 3]],
    ],
    ids=lambda frame: str(len(frame)),
)
def test_any_change_of_a_category_is_a_change_of_its_fingerprint_alone(changed):
    before, now = fingerprints(GIN_AND_RUM), fingerprints(changed)
    assert now["GIN"] == before["GIN"]
    assert now["RUM"] != before["RUM"]


def test_zero_is_no_null():
    zeros = GIN_AND_RUM.assign(value=0.0)
    assert fingerprints(zeros) != fingerprints(zeros.assign(value=None))


def test_text_is_no_null_whatever_it_says():
    texts = [change("level", 3, text) for text in ("", "nan", "None", "<NA>", None)]
    assert len({fingerprints(frame)["RUM"] for frame in texts}) == 5


def test_values_that_change_places_between_rows_are_a_change():
    swapped = GIN_AND_RUM.assign(store_id=["2", "1", "1", "2"])
    assert fingerprints(swapped)["GIN"] != fingerprints(GIN_AND_RUM)["GIN"]


def test_a_row_without_a_category_counts_in_every_one():
    everywhere = pd.DataFrame({"category": [None], "value": [1.0]})
    before = fingerprints(GIN_AND_RUM, everywhere)
    now = fingerprints(GIN_AND_RUM, everywhere.assign(value=2.0))
    assert before.keys() == now.keys() == {"GIN", "RUM"}
    assert all(now[category] != before[category] for category in now)


def test_a_row_counts_in_the_input_that_it_is_in():
    gin, rum = GIN_AND_RUM[:2], GIN_AND_RUM[2:]
    assert fingerprints(gin, rum)["GIN"] != fingerprints(rum, gin)["GIN"]


def test_a_setting_counts_in_every_category():
    before, now = fingerprints(GIN_AND_RUM), fingerprints(GIN_AND_RUM, k=3)
    assert all(now[category] != before[category] for category in now)


@pytest.mark.parametrize(("added", "is_same"), [("", True), ("\nNEW = 1\n", False)])
def test_the_code_counts(tmp_path, added, is_same):
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(ml.__file__).parent, tmp_path / "ml", ignore=ignored)
    with (tmp_path / "ml" / "sizes.py").open("a") as file:
        file.write(added)
    program = (
        "import pandas as pd, ml.reuse as r;"
        "print(r.category_fingerprints([pd.DataFrame({'category': ['GIN']})], {}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    here = category_fingerprints([pd.DataFrame({"category": ["GIN"]})], {})
    assert (run.stdout.strip() == str(here)) == is_same


def test_one_fingerprint_for_all_does_not_depend_on_order():
    shuffled = GIN_AND_RUM.iloc[::-1, ::-1]
    assert fingerprint([shuffled], SETTINGS) == fingerprint([GIN_AND_RUM], SETTINGS)


@pytest.mark.parametrize(
    ("frames", "settings"),
    [
        ([change("value", 2, np.nextafter(3.0, 4.0))], SETTINGS),
        ([change("category", 0, None)], SETTINGS),
        ([GIN_AND_RUM, GIN_AND_RUM.head(0)], SETTINGS),
        ([GIN_AND_RUM], SETTINGS | {"k": 3}),
    ],
    ids=["value", "category", "frame", "setting"],
)
def test_any_change_is_a_change_of_the_fingerprint_for_all(frames, settings):
    found = fingerprint(frames, settings)
    assert len(found) == 32
    assert found != fingerprint([GIN_AND_RUM], SETTINGS)


def in_warehouse(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple]]:
    """Return what DuckDB reads back of a frame, and its types there."""
    with duckdb.connect() as warehouse:
        warehouse.register("frame", frame)
        warehouse.execute("create table result as from frame")
        types = warehouse.sql("describe result").fetchall()
        return warehouse.sql("from result").df(), types


def assert_same_as_whole(result: pd.DataFrame, whole: pd.DataFrame) -> None:
    """Compare to the last bit, and with the types of the columns in the warehouse."""
    assert in_warehouse(result)[1] == in_warehouse(whole)[1]
    pd.testing.assert_frame_equal(
        result.drop(columns="is_kept"), whole.drop(columns="is_kept"), check_exact=True
    )


TYPES = {
    "store_id": "str",
    "category": "str",
    "components": "object",
    "cluster": "Int64",
    "probability": "float64",
    "is_outlier": "bool",
    "level": "str",
}


def fit(rows: pd.DataFrame, *, unknown: str) -> pd.DataFrame:
    """Fit nothing: in the category ``unknown``, all that may be null is."""
    found = rows.assign(cluster=3, probability=0.1, is_outlier=rows["in_fit"])
    nulls = dict.fromkeys(["components", "cluster", "probability", "level"])
    parts = [
        part.assign(**nulls) if category == unknown else part
        for category, part in found.groupby("category")
    ]
    return typed_frame(parts, TYPES)


@pytest.mark.parametrize("unknown", ["GIN", "RUM", "neither"])
@pytest.mark.parametrize("changes", [[], ["GIN"], ["RUM"], ["GIN", "RUM"]], ids=str)
def test_types_are_the_same_whether_rows_are_kept_or_fitted(unknown, changes):
    before = GIN_AND_RUM.assign(
        value=GIN_AND_RUM["value"] + GIN_AND_RUM["category"].isin(changes)
    )
    first = Reuse(None, [before], SETTINGS).complete(fit(before, unknown=unknown))
    reuse = Reuse(in_warehouse(first)[0], [GIN_AND_RUM], SETTINGS)
    rows = reuse.changed(GIN_AND_RUM)
    result = reuse.complete(fit(rows, unknown=unknown))
    assert sorted(set(rows["category"])) == changes
    assert set(result.loc[~result["is_kept"], "category"]) == set(changes)
    whole = Reuse(None, [GIN_AND_RUM], SETTINGS)
    assert_same_as_whole(result, whole.complete(fit(GIN_AND_RUM, unknown=unknown)))


def test_a_category_that_is_gone_is_not_kept():
    first = Reuse(None, [GIN_AND_RUM], SETTINGS)
    earlier = first.complete(fit(GIN_AND_RUM, unknown="neither"))
    rum = GIN_AND_RUM[GIN_AND_RUM["category"] == "RUM"]
    reuse = Reuse(earlier, [rum], SETTINGS)
    assert reuse.changed(rum).empty
    result = reuse.complete(fit(reuse.changed(rum), unknown="neither"))
    assert set(result["category"]) == {"RUM"}


def test_a_table_of_before_there_were_fingerprints_is_fitted_anew():
    earlier = fit(GIN_AND_RUM, unknown="neither")
    reuse = Reuse(earlier, [GIN_AND_RUM], SETTINGS)
    assert len(reuse.changed(GIN_AND_RUM)) == len(GIN_AND_RUM)
    assert not reuse.complete(earlier)["is_kept"].any()


def test_no_input_at_all_gives_no_rows_of_the_right_types():
    empty = GIN_AND_RUM.head(0)
    first = Reuse(None, [GIN_AND_RUM], SETTINGS)
    whole = first.complete(fit(GIN_AND_RUM, unknown="neither"))
    reuse = Reuse(in_warehouse(whole)[0], [empty], SETTINGS)
    result = reuse.complete(fit(reuse.changed(empty), unknown="neither"))
    assert result.empty
    assert result.dtypes.equals(whole.dtypes)


# What is fitted by category.
STEPS = [
    *(f"{side}_prepared" for side in SCALINGS),
    *(f"{side}_candidates" for side in SCALINGS),
    *(f"{side}_clusters" for side in SCALINGS),
    *(f"{side}_projection" for side in SCALINGS),
    "driver_importance",
    "side_forests",
    "merged_clusters",
    "final_cluster_paths",
    "final_cluster_scores",
    "final_value",
    "finished_clusters",
    "cluster_centres",
    "cluster_stability",
]


class Step(NamedTuple):
    """A fit of the pipeline: all that it takes, first the rows that it goes through."""

    inputs: list[pd.DataFrame]
    settings: Group
    fit: Callable[..., pd.DataFrame]

    @property
    def result(self) -> pd.DataFrame:
        return self.fit(*self.inputs, self.settings)

    def refit(self, earlier: pd.DataFrame | None) -> pd.DataFrame:
        return refit_changed(self.fit, self.inputs, self.settings, earlier=earlier)


JOINT = {"internal_weight": 0.5, "external_weight": 0.5}
SIZES = {
    "min_cluster_size": 5,
    "min_cluster_share": 0.0,
    "max_size_floor_share": 1.0,
}
MERGING = {"primary_side": "auto", "rebalance_mode": "store", **SIZES, **JOINT}
NO_FINALS = pd.DataFrame({"category": pd.Series(dtype="str"), "clusters": []})
RULE = {"min_stability": 0.6, "k_margin": 0.02}
KEY = ["store_id", "category"]


@cache
def steps(**seeds: int) -> dict[str, Step]:
    """Return every step by category, on inputs drawn from a seed for each."""
    found: dict[str, Step] = {}
    clusters, prepared = {}, {}
    chosen_k = pd.DataFrame({"category": list(seeds), "k": 3})
    for side, scaling in SCALINGS.items():
        drawn = {name: input_of(side, seed) for name, seed in seeds.items()}
        features, stores = (
            pd.concat(tables[n].assign(category=name) for name, tables in drawn.items())
            for n in (0, 1)
        )
        found[f"{side}_prepared"] = Step(
            [stores, features],
            preparation_of(side, scaling=scaling, **PREPARATION),
            prepare,
        )
        prepared[side] = table = found[f"{side}_prepared"].result
        found[f"{side}_projection"] = Step(
            [table, features], found[f"{side}_prepared"].settings, fit_projections
        )
        found[f"{side}_candidates"] = Step(
            [table, found[f"{side}_projection"].result, NOTHING_FIXED],
            Search(
                min_clusters=2,
                max_clusters=4,
                stability_resamples=2,
                min_stability=0.6,
                max_size_floor_share=0.1,
                **ALGORITHM,
            ),
            partial(score_candidates, side=side),
        )
        found[f"{side}_clusters"] = Step(
            [table, chosen_k], Fit(**ALGORITHM), fit_clusters
        )
        clusters[side] = found[f"{side}_clusters"].result
    found["driver_importance"] = Step(
        [clusters["internal"], features],
        Drivers(
            external_feature_selection="drivers",
            driver_share=0.8,
            must_keep_columns=["NUMBER 1"],
            random_state=42,
        ),
        find_drivers,
    )
    sides = _both_sides(prepared, clusters)
    random = Randomness(random_state=42)
    found["side_forests"] = Step([sides], random, grow_forests)
    trees = found["side_forests"].result
    found["merged_clusters"] = Step([sides, trees], Group(), pair_clusters)
    merged = found["merged_clusters"].result
    _add_finals(found, merged)
    external = clusters["external"].merge(prepared["external"][[*KEY, "components"]])
    found["cluster_centres"] = Step(
        [merged, found["finished_clusters"].result, external],
        Weights(**JOINT),
        fit_centres,
    )
    return found


def _add_finals(found: dict[str, Step], merged: pd.DataFrame) -> None:
    """Add the steps from merged clusters to the stability of final ones."""
    candidates = pd.concat(
        found[f"{side}_candidates"].result.assign(side=side, is_fixed=False)
        for side in SCALINGS
    )
    found["final_cluster_paths"] = Step(
        [merged, NO_FINALS], MergePaths(max_final_clusters=4, **MERGING), merge_finals
    )
    paths = found["final_cluster_paths"].result
    found["final_cluster_scores"] = Step(
        [merged, paths, candidates],
        FinalScores(bootstrap_resamples=3, **RULE | MERGING | ALGORITHM),
        score_finals,
    )
    both = paths.loc[paths["basis"] == "both", [*KEY, "basis", "path"]]
    found["final_value"] = Step([both, _sell(both)], Group(), measure_value)
    scores = found["final_cluster_scores"].result
    finals = scores[scores["basis"] == "both"].groupby("category").tail(1)
    found["finished_clusters"] = Step(
        [merged, finals],
        Finish(max_cluster_size=0, n_init=2, random_state=42, **MERGING),
        finish_clusters,
    )
    final = found["finished_clusters"].result
    numbers = final.rename(columns={"raw_cluster": "cluster_id"})
    stores = merged.merge(numbers[["store_id", "category", "cluster_id"]])
    found["cluster_stability"] = Step(
        [stores, finals],
        ClusterScores(max_cluster_size=0, **MERGING | ALGORITHM),
        score_clusters,
    )


def _both_sides(
    prepared: dict[str, pd.DataFrame], clusters: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return the rows of the model paired_sides."""
    sides = [
        clusters[side]
        .merge(prepared[side][[*KEY, "components"]])
        .set_index(KEY)[["components", "cluster", "probability", "is_fitted"]]
        .add_prefix(f"{side}_")
        for side in prepared
    ]
    return (
        pd.concat(sides, axis=1)
        .assign(is_outlier=False, split_value=None)
        .reset_index()
    )


def _sell(stores: pd.DataFrame) -> pd.DataFrame:
    """Return sales of a few SKUs in every store, drawn by the numbers of the stores."""

    def draw(store: str) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(int.from_bytes(store.encode()))
        earlier, later = rng.integers(0, 9, size=(2, 5)).astype(float)
        return {"skus": np.arange(1, 6), "earlier_sales": earlier, "later_sales": later}

    return stores[KEY].join(pd.DataFrame(map(draw, stores["store_id"]), stores.index))


# These fit nothing: they number clusters, assign stores, and do what people wrote.
WHOLE = (
    "chosen_finals",
    "cluster_names",
    "compared_categories",
    "external_scopes",
    "feature_representatives",
    "feature_words",
    "final_changes",
    "final_clusters",
    "fitted_sales",
    "numbered_clusters",
    "store_misfits",
)


def test_every_python_model_that_fits_by_category_is_a_step():
    models = (DBT_PROJECT / "models" / "clustering").glob("*.py")
    assert {model.stem for model in models} == {*STEPS, *WHOLE}


@pytest.mark.parametrize("name", STEPS)
def test_a_category_is_fitted_as_it_is_among_all(name):
    before, now = steps(GIN=0, RUM=1, VODKA=2)[name], steps(GIN=0, RUM=3, VODKA=2)[name]
    result = now.refit(in_warehouse(before.refit(None))[0])
    assert set(result.loc[~result["is_kept"], "category"]) == {"RUM"}
    assert set(result["category"]) == {"GIN", "RUM", "VODKA"}
    assert_same_as_whole(result, now.refit(None))


@pytest.mark.parametrize("name", STEPS)
def test_a_category_is_fitted_in_a_process_as_it_is_here(name, monkeypatch):
    monkeypatch.setattr(processes, "ENOUGH_ROWS", 1)
    step = steps(GIN=0, RUM=1, VODKA=2)[name]
    apart = refit_changed(step.fit, *step[:2], earlier=None, jobs=2)
    assert_same_as_whole(apart, step.refit(None))


@pytest.mark.filterwarnings("ignore:Pydantic serializer")
@pytest.mark.parametrize("name", STEPS)
def test_every_setting_of_a_fit_changes_the_result_of_all_categories(name):
    step = steps(GIN=0, RUM=1, VODKA=2)[name]
    result = step.result
    step = step._replace(fit=lambda rows, *_: result)
    earlier = step.refit(None)
    for setting in type(step.settings).model_fields:
        settings = step.settings.model_copy(update={setting: "another"})
        again = step._replace(settings=settings).refit(earlier)
        assert not again["is_kept"].any(), setting


@pytest.mark.parametrize(("side", "kept"), [("internal", True), ("external", False)])
def test_what_else_a_fit_takes_counts(side, kept):
    fit = lambda rows, settings, *, side: rows.assign(side=side)  # noqa: E731
    given = [GIN_AND_RUM], Randomness(random_state=0)
    earlier = refit_changed(fit, *given, earlier=None, side="internal")
    again = refit_changed(fit, *given, earlier=earlier, side=side)
    assert again["is_kept"].eq(kept).all()
    assert set(again["side"]) == {side}
