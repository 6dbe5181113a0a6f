"""What the Python models of the dbt project have in common."""

import json
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from clustering.core.steps import digest_by_category, fit_step, read_settings
from ml.settings import Starts


def allow(session: duckdb.DuckDBPyConnection, refit_when: str) -> None:
    """Give the session the settings of a build, more than any step reads."""
    settings = {"n_init": 5, "random_state": 42, "max_clusters": 10}
    text = json.dumps(settings | {"refit_when": refit_when})
    session.execute(f"create or replace macro settings() as '{text}'")


@pytest.fixture
def session() -> duckdb.DuckDBPyConnection:
    """Return a connection with the settings of a build, and one category."""
    session = duckdb.connect()
    allow(session, "changed")
    session.execute("create table stores as select 'GIN' as category, 1.0 as sales")
    return session


def count_starts(
    stores: pd.DataFrame, settings: Starts, **options: str
) -> pd.DataFrame:
    stores = stores.assign(starts=settings.n_init, **options)
    return stores.drop(columns="sales")


def build(
    session: duckdb.DuckDBPyConnection, *, is_incremental: bool, **options: object
) -> pd.DataFrame:
    """Build the model ``fitted`` as dbt does."""
    dbt = SimpleNamespace(this="fitted", is_incremental=is_incremental)
    inputs = [session.table("stores")]
    result = fit_step(dbt, session, count_starts, inputs, Starts, **options)
    session.register("result", result)
    session.execute("create or replace table fitted as from result")
    session.unregister("result")
    return session.table("fitted").df().set_index("category")


def test_a_group_has_the_settings_of_the_build_that_are_its_own(session):
    assert read_settings(session, Starts) == Starts(n_init=5, random_state=42)


def test_a_step_gets_its_inputs_settings_and_options(session):
    fitted = build(session, is_incremental=False, side="internal")
    assert fitted.loc["GIN", ["starts", "side"]].to_list() == [5, "internal"]


def test_a_category_that_has_not_changed_keeps_the_rows_of_the_table(session):
    assert not build(session, is_incremental=False).loc["GIN", "is_kept"]
    session.execute("insert into stores values ('RUM', 2.0)")
    kept = build(session, is_incremental=True)["is_kept"]
    assert kept.to_dict() == {"GIN": True, "RUM": False}


def test_a_full_refresh_keeps_nothing(session):
    build(session, is_incremental=False)
    assert not build(session, is_incremental=False)["is_kept"].any()


def test_nothing_is_kept_where_everything_is_refitted_always(session):
    build(session, is_incremental=False)
    allow(session, "always")
    assert not build(session, is_incremental=True)["is_kept"].any()
    allow(session, "drifted")
    assert build(session, is_incremental=True)["is_kept"].all()


def test_signs_tell_what_has_changed_in_place_of_the_inputs(session):
    session.execute("create table signs as select 'GIN' as category, 'a' as digest")
    signs = [session.table("signs")]
    build(session, is_incremental=False, signs=signs)
    session.execute("update stores set sales = 2.0")
    assert build(session, is_incremental=True, signs=signs)["is_kept"].all()
    session.execute("update signs set digest = 'b'")
    assert not build(session, is_incremental=True, signs=signs)["is_kept"].any()


def test_a_category_that_is_gone_has_no_rows(session):
    session.execute("insert into stores values ('RUM', 2.0)")
    build(session, is_incremental=False)
    session.execute("delete from stores where category = 'RUM'")
    assert build(session, is_incremental=True).index.to_list() == ["GIN"]


def test_a_row_that_holds_in_every_category_changes_them_all(session):
    session.execute("create table everywhere (category text, income double)")
    session.execute("insert into everywhere values (null, 1.0)")
    signs = [session.table("stores"), session.table("everywhere")]
    build(session, is_incremental=False, signs=signs)
    assert build(session, is_incremental=True, signs=signs)["is_kept"].all()
    session.execute("update everywhere set income = 2.0")
    assert not build(session, is_incremental=True, signs=signs)["is_kept"].any()


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("('GIN', [1.0, 2.0]), ('GIN', null)", "('GIN', null), ('GIN', [1, 2])", True),
        ("('GIN', [1.0, 2.0])", "('GIN', [2.0, 1.0])", False),
        ("('GIN', [1.0])", "('GIN', [1.0]), ('GIN', [1.0])", False),
        ("('GIN', null)", "('GIN', [null])", False),
    ],
)
def test_a_digest_is_of_the_rows_whatever_their_order(before, after, is_same):
    digests = [
        digest_by_category(
            duckdb.sql(
                "select category, cast(components as double[]) as components"
                f" from (values {rows}) as of_step (category, components)"
            )
        )["digest"].item()
        for rows in (before, after)
    ]
    assert (digests[0] == digests[1]) == is_same


def test_a_digest_is_not_of_what_a_step_says_of_its_own_fit():
    rows = duckdb.sql("select 'GIN' as category, 1 as k")
    told = duckdb.sql(
        "select true as is_kept, 1 as k, 'a' as input_fingerprint, 'GIN' as category"
    )
    pd.testing.assert_frame_equal(digest_by_category(rows), digest_by_category(told))
