"""Numbers that are legal and absurd: a build makes clusters of them all the same."""

import shutil
from pathlib import Path

import duckdb

from clustering.store.runs import PublishedRun
from tests.conftest import FEW, publish_from

ABSURD = """
    select
        *,
        case when n = 1 then 1e30 else n end as ONE_HUGE,
        case when n = 1 then -1e30 else 7 end as ALL_EQUAL_BUT_ONE,
        5e-324::double * n as TINY,
        case when n % 4 = 0 then -999 else n + 0.5 end as SENTINEL,
        pow(10::double, n % 60 - 30) as ALL_SIZES,
        7.0 as CONSTANT
    from (select *, row_number() over (order by STORE_NBR) as n from '{file}')
"""


def test_absurd_external_numbers_leave_no_trace_of_nonsense(
    small_folder: Path, small_run: PublishedRun, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    shutil.copytree(small_folder, raw)
    file = raw / "store_attributes.parquet"
    query = ABSURD.format(file=small_folder / file.name)
    duckdb.sql(f"select * exclude (n) from ({query})").write_parquet(str(file))
    published = publish_from(raw, *FEW, data=tmp_path / "data")
    for mart in published.glob("*.parquet"):
        numbers = [
            name
            for name, type_, *_ in duckdb.sql(f"describe from '{mart}'").fetchall()
            if type_ == "DOUBLE"
        ]
        for name in numbers:
            query = f"from '{mart}' where not isfinite({name})"
            assert not duckdb.sql(query).fetchall(), (mart.name, name)
    clusters = duckdb.sql(f"from '{published}/store_clusters.parquet'").df()
    expected = small_run.read("from store_clusters")
    assert len(clusters) == len(expected)
