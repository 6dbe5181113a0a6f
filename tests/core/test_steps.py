"""What the Python models of the dbt project have in common."""

from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from clustering.core.steps import fit_step, read_settings
from ml.settings import Starts


@pytest.fixture
def session() -> duckdb.DuckDBPyConnection:
    """Return a connection with the settings of a build, more than any step reads."""
    session = duckdb.connect()
    text = '{"n_init": 5, "random_state": 42, "max_clusters": 10}'
    session.execute(f"create macro settings() as '{text}'")
    session.execute("create table stores as select 'GIN' as category, 1.0 as sales")
    return session


def count_starts(
    stores: pd.DataFrame, settings: Starts, **options: str
) -> pd.DataFrame:
    stores = stores.assign(starts=settings.n_init, **options)
    return stores.drop(columns="sales")


def build(
    session: duckdb.DuckDBPyConnection, *, is_incremental: bool, **options: str
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
