"""Volume bands: equally many stores in each, or the limits of a seed."""

import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import AS_IN_A_BUILD, copy_project, run_dbt

SEED = "category,band,from_sales\n"
FEW = {"bootstrap_resamples": 2, "stability_resamples": 2, "max_clusters": 3}
TEST = "is_volume_band_store_clusters_volume_band"
# Half of the stores that sell coffee sell that much.
HALF = """
    select cast(median(sales) as decimal(38, 4)) from marts.store_eligibility
    where category = 'COFFEE' and sales > 0
"""


def write_bands(project: Path, rows: str) -> None:
    (project / "seeds" / "volume_bands.csv").write_text(SEED + rows)


def build(
    project: Path, *nodes: str, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Build nodes, with the tests that read nothing else."""
    given = ("--vars", str(settings)) if settings else ()
    return run_dbt(project, "build", *AS_IN_A_BUILD, *given, "--select", *nodes)


def read(project: Path, sql: str) -> list[tuple]:
    warehouse = project.parent / "data" / "warehouse" / "store_clustering.duckdb"
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.sql(sql).fetchall()


def bands_of(project: Path, category: str) -> dict[str | None, list[tuple]]:
    """Return the sales of the stores of each band, the smallest first."""
    rows = read(
        project,
        "select volume_band, list(sales order by sales)"
        " from features.store_volume_bands"
        " inner join marts.store_eligibility using (store_id, category)"
        f" where category = '{category}' group by volume_band",
    )
    return dict(rows)


@pytest.fixture(scope="module")
def project(small_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a project without rows in the seed."""
    project = copy_project(small_folder, tmp_path_factory.mktemp("bands"))
    result = build(project, "+store_volume_bands")
    assert result.returncode == 0, result.stdout
    return project


@pytest.mark.parametrize("category", ["COFFEE", "SHAMPOO"])
def test_bands_have_equally_many_stores_and_rise_with_their_sales(
    project: Path, category: str
) -> None:
    bands = bands_of(project, category)
    assert set(bands) - {None} == {"S", "M", "L"}
    assert all(sales == 0 for sales in bands.pop(None, []))
    sizes = [len(sales) for sales in bands.values()]
    assert max(sizes) - min(sizes) <= 1
    assert bands["S"][-1] <= bands["M"][0]
    assert bands["M"][-1] <= bands["L"][0]


def test_other_names_make_other_bands_and_none_make_none(project: Path) -> None:
    nodes = ("volume_bands", "store_volume_bands")
    assert build(project, *nodes, volume_bands=["small", "large"]).returncode == 0
    assert set(bands_of(project, "COFFEE")) - {None} == {"small", "large"}
    assert build(project, *nodes, volume_bands=[]).returncode == 0
    assert set(bands_of(project, "COFFEE")) == {None}


def test_limits_of_ones_own_take_the_place_of_the_quantiles(project: Path) -> None:
    ((half,),) = read(project, HALF)
    write_bands(project, f"COFFEE,S,0\nCOFFEE,L,{half}\n")
    result = build(project, "volume_bands", "store_volume_bands")
    assert result.returncode == 0, result.stdout
    bands = bands_of(project, "COFFEE")
    assert set(bands) - {None} == {"S", "L"}
    assert bands["S"][-1] < half <= bands["L"][0]
    assert set(bands_of(project, "SHAMPOO")) - {None} == {"S", "M", "L"}


def test_a_category_that_is_not_in_the_input_is_one_clear_line(project: Path) -> None:
    write_bands(project, "TEA,S,0\n")
    result = build(project, "volume_bands", "store_volume_bands")
    assert result.returncode == 1
    said = "category 'TEA' is unknown, expected one of: COFFEE, SHAMPOO;"
    assert f"Input error: seeds/volume_bands.csv: {said}" in result.stdout


def test_a_row_that_cannot_be_meant_stops_plain_dbt(project: Path) -> None:
    write_bands(project, ",S,few\n")
    result = build(project, "volume_bands", "store_volume_bands")
    assert result.returncode == 2
    said = "line 2: got from_sales 'few' for all categories, S, expected a number"
    assert f"Input error: seeds/volume_bands.csv: {said}" in result.stdout


def test_a_setting_is_text_and_no_template(project: Path, monkeypatch) -> None:
    """Names of bands go into rows and data tests to the letter."""
    write_bands(project, "")
    monkeypatch.setenv("SECRET", "s3cret")
    names = ["{{ env_var('SECRET') }}", "{% set x = 1 %}", "it's {# none #}"]
    result = build(project, "+store_clusters", volume_bands=names, **FEW)
    assert result.returncode == 0, result.stdout
    assert set(bands_of(project, "COFFEE")) - {None} == set(names)
    tested = run_dbt(
        project, "test", "--vars", str({"volume_bands": names}), "--select", TEST
    )
    assert tested.returncode == 0, tested.stdout
    assert "s3cret" not in result.stdout + tested.stdout
