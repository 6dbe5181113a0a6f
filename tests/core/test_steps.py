"""What the Python models of the dbt project have in common."""

import json
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from clustering.core.steps import fit_step, read_settings
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
    fitted = fit_step(dbt, session, count_starts, inputs, Starts, **options)
    session.execute("create or replace table fitted as from fitted")
    return fitted.set_index("category")


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
