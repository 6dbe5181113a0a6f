"""Sample input: what DuckDB reads back from the files written."""

import dataclasses
import hashlib
import inspect
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from clustering.cli.main import generate
from clustering.sample import SampleSummary, write_sample
from clustering.sample.options import Options

TABLES = ("internal_sales", "need_state", "external_sales", "store_attributes")
SMALL = {"stores": 60, "categories": 2, "weeks": 8, "skus": 60, "seed": 42}
CLEAN_SALES = """
select distinct * from internal_sales
where STORE_NBR is not null
    and SKU_NBR in (select PRODUCT_ID from need_state)
    and isfinite(TOTAL_SALES)
    and TOTAL_SALES > 0
"""
SHARES = f"""
with sales as ({CLEAN_SALES}),

served as (select distinct * from need_state where NEED_STATE is not null),

split as (
    select *, 1 / count(*) over (partition by PRODUCT_ID) as part from served
)

select STORE_NBR, CATEGORY, NEED_STATE, sum(TOTAL_SALES * part) as sales
from sales inner join split on SKU_NBR = PRODUCT_ID
group by all
order by all
"""


def write(folder: Path, **options: object) -> SampleSummary:
    wanted = {"format": "parquet", "progress": lambda message: None} | SMALL | options
    return write_sample(folder, truth=folder / "truth", **wanted)


def open_sample(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table in TABLES:
        path = folder / f"{table}.parquet"
        connection.execute(f"create view {table} as from '{path}'")
    connection.execute(f"create view truth as from '{folder}/truth/truth.parquet'")
    return connection


def hash_files(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def summary(folder: Path) -> SampleSummary:
    return write(folder)


@pytest.fixture(scope="module")
def sample(folder: Path, summary: SampleSummary) -> duckdb.DuckDBPyConnection:
    return open_sample(folder)


def count(sample: duckdb.DuckDBPyConnection, query: str) -> int:
    return sample.sql(f"select count(*) from ({query})").fetchone()[0]


def test_summary_counts_the_rows_of_each_file(sample, summary) -> None:
    for name in (*TABLES, "truth"):
        assert count(sample, f"from {name}") == getattr(summary, name) > 0


def test_only_the_wanted_files_are_left(folder, summary) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{table}.parquet" for table in TABLES} | {"truth"}
    assert [path.name for path in (folder / "truth").iterdir()] == ["truth.parquet"]


def test_columns_have_the_types_of_the_contract(sample) -> None:
    described = sample.sql("describe from internal_sales").fetchall()
    assert {name: kind for name, kind, *_ in described} == {
        "STORE_NBR": "VARCHAR",
        "SKU_NBR": "VARCHAR",
        "CAT_DSC": "VARCHAR",
        "PERIOD_START": "DATE",
        "UNITS": "INTEGER",
        "TOTAL_SALES": "DOUBLE",
    }


def test_periods_are_consecutive_mondays(sample) -> None:
    query = "select distinct PERIOD_START from internal_sales order by 1"
    found = pd.DatetimeIndex([row[0] for row in sample.sql(query).fetchall()])
    assert found.equals(pd.date_range("2025-01-06", periods=8, freq="W-MON"))


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        (CLEAN_SALES, "STORE_NBR, SKU_NBR, PERIOD_START"),
        (
            "select distinct * from need_state where NEED_STATE is not null",
            "PRODUCT_ID, NEED_STATE",
        ),
        ("from external_sales", "STORE_NBR, CATEGORY"),
        ("from store_attributes", "STORE_NBR"),
        ("from truth", "STORE_NBR, CATEGORY"),
    ],
)
def test_clean_rows_have_a_unique_key(sample, rows: str, key: str) -> None:
    twice = f"select {key} from ({rows}) group by all having count(*) > 1"
    assert count(sample, twice) == 0


@pytest.mark.parametrize(
    "condition",
    [
        "SKU_NBR not in (select PRODUCT_ID from need_state)",
        "STORE_NBR is null",
        "SKU_NBR is null",
        "TOTAL_SALES = 0",
        "TOTAL_SALES < 0",
        "isnan(TOTAL_SALES)",
        "isinf(TOTAL_SALES)",
        "CAT_DSC is null and SKU_NBR in (select PRODUCT_ID from need_state)",
        """CAT_DSC <> (
            select any_value(CATEGORY) from need_state where PRODUCT_ID = SKU_NBR
        )""",
    ],
)
def test_sales_hold_a_little_of_each_dirt(sample, condition: str) -> None:
    assert 3 <= count(sample, f"from internal_sales where {condition}") <= 10


def test_some_rows_are_exact_duplicates(sample) -> None:
    for table in ("internal_sales", "need_state"):
        extra = count(sample, f"from {table}") - count(
            sample, f"select distinct * from {table}"
        )
        assert 3 <= extra <= 10


def test_some_need_states_are_null(sample) -> None:
    assert count(sample, "from need_state where NEED_STATE is null") == 3
    assert count(sample, "from need_state where NEW_ITEM is null") == 0


def test_some_skus_serve_two_need_states_of_one_category(sample) -> None:
    query = """
        select count(distinct NEED_STATE) as served, count(distinct CATEGORY) as homes
        from need_state group by PRODUCT_ID
    """
    assert count(sample, f"from ({query}) where served = 2") == round(0.08 * 60) * 2
    assert count(sample, f"from ({query}) where served > 2 or homes > 1") == 0


@pytest.mark.parametrize("table", ["external_sales", "store_attributes"])
def test_every_external_column_misses_five_percent(sample, table: str) -> None:
    values = sample.sql(f"from {table}").df()
    keys = values.columns.intersection(["STORE_NBR", "CATEGORY"])
    assert not values[keys].isna().any(axis=None)
    missing = values.drop(columns=keys).isna().mean()
    assert missing.between(0.03, 0.06).all()


def test_latitude_and_longitude_go_missing_together(sample) -> None:
    alone = "(LATITUDE is null) <> (LONGITUDE is null)"
    assert count(sample, f"from store_attributes where {alone}") == 0


def test_every_store_has_attributes_and_at_least_one_has_no_sales(sample) -> None:
    silent = "select STORE_NBR from store_attributes except select STORE_NBR from"
    assert count(sample, f"{silent} internal_sales") == 1
    unknown = "select STORE_NBR from internal_sales where STORE_NBR is not null except"
    assert count(sample, f"{unknown} select STORE_NBR from store_attributes") == 0


def test_some_stores_lack_one_category(sample) -> None:
    query = f"select STORE_NBR from ({SHARES}) group by 1"
    assert count(sample, f"{query} having count(distinct CATEGORY) = 1") == 1


def test_new_stores_sell_in_the_last_two_weeks_only(sample) -> None:
    late = """
        select STORE_NBR from internal_sales where STORE_NBR is not null
        group by 1 having min(PERIOD_START) >= date '2025-02-17'
    """
    new = "select distinct STORE_NBR from truth where is_new"
    assert sorted(sample.sql(late).fetchall()) == sorted(sample.sql(new).fetchall())
    assert count(sample, new) == 2


def test_outliers_sell_nearly_all_in_one_need_state(sample) -> None:
    query = f"""
        select is_outlier, sales / sum(sales) over (partition by STORE_NBR, CATEGORY)
            as share
        from ({SHARES}) inner join truth using (STORE_NBR, CATEGORY)
    """
    top = sample.sql(f"select is_outlier, max(share) from ({query}) group by 1")
    found = dict(top.fetchall())
    assert found[True] > 0.8 > found[False]


def test_internal_segments_are_recovered_by_clustering(sample) -> None:
    for hellinger, planted in read_internal(sample):
        assert measure_recovery(hellinger, planted) > 0.9


def read_internal(
    sample: duckdb.DuckDBPyConnection,
) -> list[tuple[pd.DataFrame, pd.Series]]:
    """Return roots of shares and planted segments of each category's usual stores."""
    truth = sample.sql("from truth where not is_outlier and not is_new").df()
    found = []
    for category, sales in sample.sql(SHARES).df().groupby("CATEGORY"):
        wide = sales.pivot_table("sales", index="STORE_NBR", columns="NEED_STATE")
        hellinger = np.sqrt(wide.fillna(0).div(wide.sum(axis=1), axis=0))
        planted = truth[truth["CATEGORY"] == category].set_index("STORE_NBR")
        planted = planted["internal_segment"]
        kept = planted.index.intersection(hellinger.index)
        found.append((hellinger.loc[kept], planted[kept]))
    return found


def test_trade_areas_are_recovered_by_clustering(sample) -> None:
    attributes = sample.sql("from store_attributes order by 1").df()
    attributes = attributes.set_index("STORE_NBR")
    columns = attributes.columns.difference(
        ["LATITUDE", "LONGITUDE", "URBANICITY", "STORE_FORMAT"]
    )
    numbers = attributes[columns].astype(float)
    scaled = StandardScaler().fit_transform(numbers.fillna(numbers.median()))
    levels = pd.get_dummies(attributes[["URBANICITY", "STORE_FORMAT"]], dtype=float)
    truth = sample.sql(
        "select distinct STORE_NBR, external_segment, is_outlier from truth"
    )
    planted = truth.df().set_index("STORE_NBR").loc[attributes.index]
    ordinary = ~planted["is_outlier"].to_numpy()
    features = np.hstack([scaled, levels])[ordinary]
    assert measure_recovery(features, planted["external_segment"][ordinary]) > 0.9


def measure_recovery(features: np.ndarray | pd.DataFrame, planted: pd.Series) -> float:
    model = KMeans(planted.nunique(), n_init=10, random_state=0)
    return adjusted_rand_score(planted, model.fit_predict(features))


def test_no_segment_is_small(sample) -> None:
    for side in ("internal_segment", "external_segment"):
        query = f"select CATEGORY, {side}, count(*) from truth group by all"
        assert min(row[2] for row in sample.sql(query).fetchall()) >= 0.12 * 60


def test_one_seed_gives_the_same_bytes(folder, summary, tmp_path) -> None:
    write(tmp_path)
    assert hash_files(tmp_path) == hash_files(folder)


def test_another_seed_gives_other_bytes(folder, summary, tmp_path) -> None:
    write(tmp_path, seed=43)
    ours, theirs = hash_files(tmp_path), hash_files(folder)
    assert all(ours[name] != theirs[name] for name in ours)


def test_the_command_has_the_same_defaults_as_the_sample() -> None:
    offered = inspect.signature(generate).parameters
    defaults = {
        field.name: field.default
        for field in dataclasses.fields(Options)
        if field.default is not dataclasses.MISSING
    }
    assert set(defaults) == {*DIFFICULTY}
    assert {name: offered[name].default for name in defaults} == defaults


DIFFICULTY = (
    "separation",
    "noise",
    "imbalance",
    "size_spread",
    "signal",
    "noise_kind",
)


def open_written(folder: Path, **options: object) -> duckdb.DuckDBPyConnection:
    write(folder, **options)
    return open_sample(folder)


def spread_between(features: pd.DataFrame, planted: pd.Series) -> float:
    """Return the root mean square distance of segment means from their mean."""
    means = features.groupby(planted).mean()
    return float(np.sqrt(means.var(ddof=0).sum()))


def spread_within(features: pd.DataFrame, planted: pd.Series) -> float:
    """Return the root mean square distance of stores from their segment's mean."""
    means = features.groupby(planted).transform("mean")
    return float(np.sqrt(((features - means) ** 2).sum(axis=1).mean()))


def read_external(
    sample: duckdb.DuckDBPyConnection,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return logs of the attributes that span factors, and planted trade areas."""
    stores = sample.sql(
        "select distinct INCOME, FOOT_TRAFFIC, DIST_NEAREST_KM, external_segment"
        " from store_attributes inner join truth using (STORE_NBR)"
        " where not is_outlier"
    )
    rows = stores.df().dropna()
    planted = rows.pop("external_segment")
    return np.log(rows), planted


def test_half_the_separation_brings_segments_half_as_near(sample, tmp_path) -> None:
    with open_written(tmp_path, separation=0.5) as nearer:
        ratios = [
            spread_between(*near) / spread_between(*far)
            for near, far in zip(
                [*read_internal(nearer), read_external(nearer)],
                [*read_internal(sample), read_external(sample)],
                strict=True,
            )
        ]
    assert all(0.35 < ratio < 0.65 for ratio in ratios), ratios


def test_without_separation_no_segment_can_be_found(tmp_path) -> None:
    with open_written(tmp_path, separation=0, stores=200) as alike:
        sides = [*read_internal(alike), read_external(alike)]
        assert all(planted.nunique() >= 3 for _, planted in sides)
        assert max(measure_recovery(*side) for side in sides) < 0.1
        levels = alike.sql(
            "select distinct STORE_NBR, URBANICITY, STORE_FORMAT, external_segment"
            " from store_attributes inner join truth using (STORE_NBR)"
        ).df()
    for column in ("URBANICITY", "STORE_FORMAT"):
        known = levels.dropna(subset=column)
        found = adjusted_rand_score(known["external_segment"], known[column])
        assert found < 0.05


def test_three_times_the_noise_spreads_stores_three_times_as_far(
    sample, tmp_path
) -> None:
    with open_written(tmp_path, noise=3) as noisy:
        external = spread_within(*read_external(noisy))
        internal = [spread_within(*side) for side in read_internal(noisy)]
    assert 2.5 < external / spread_within(*read_external(sample)) < 3.5
    # On the internal side, chance in what is bought adds to both.
    for wide, usual in zip(internal, read_internal(sample), strict=True):
        assert 1.5 < wide / spread_within(*usual) < 3


def test_full_imbalance_leaves_one_big_segment_and_one_of_five_percent(
    tmp_path,
) -> None:
    with open_written(tmp_path, imbalance=1, stores=200) as unequal:
        for side in ("internal_segment", "external_segment"):
            query = f"select {side}, count(*) from truth group by CATEGORY, {side}"
            sizes = [size for _, size in unequal.sql(query).fetchall()]
            assert min(sizes) == 0.05 * 200
            assert max(sizes) >= 0.6 * 200


def test_size_spread_is_that_of_the_stores_turnover(tmp_path) -> None:
    with open_written(tmp_path, size_spread=1.5, stores=200) as uneven:
        sold = uneven.sql(
            "select ln(sum(sales)) as level"
            f" from ({SHARES}) inner join truth using (STORE_NBR, CATEGORY)"
            " where not is_new group by STORE_NBR"
        )
        assert 1.3 < sold.df()["level"].std() < 1.7


@pytest.mark.parametrize(
    ("signal", "internal", "external"),
    [("internal", True, False), ("external", False, True), ("none", False, False)],
)
def test_a_side_without_signal_has_one_segment_and_the_other_stays(
    folder, summary, tmp_path, signal: str, internal: bool, external: bool
) -> None:
    with open_written(tmp_path, signal=signal) as sample:
        counted = sample.sql(
            "select count(distinct internal_segment), count(distinct external_segment)"
            " from truth group by CATEGORY"
        )
        for segments in counted.fetchall():
            assert tuple(count > 1 for count in segments) == (internal, external)
    ours, theirs = hash_files(tmp_path), hash_files(folder)
    assert {name: ours[name] == theirs[name] for name in ours} == {
        "internal_sales.parquet": internal,
        "need_state.parquet": True,
        "external_sales.parquet": external,
        "store_attributes.parquet": external,
        "truth.parquet": False,
    }


def test_pure_noise_is_one_group_on_both_sides(sample, tmp_path) -> None:
    with open_written(tmp_path, signal="none") as noise:
        within = [
            spread_within(*side)
            for side in [*read_internal(noise), read_external(noise)]
        ]
    usual = [*read_internal(sample), read_external(sample)]
    for spread, (features, planted) in zip(within, usual, strict=True):
        assert spread < 1.3 * spread_within(features, planted)
        assert spread < 0.7 * spread_within(features, planted * 0)


@pytest.mark.parametrize("table", TABLES)
def test_csv_holds_what_parquet_holds(sample, csv_folder, table: str) -> None:
    described = sample.sql(f"describe from {table}").fetchall()
    types = {name: kind for name, kind, *_ in described}
    path = csv_folder / f"{table}.csv"
    read = sample.read_csv(str(path), header=True, columns=types)
    assert repr(read.fetchall()) == repr(sample.sql(f"from {table}").fetchall())


def test_csv_ends_its_lines_with_lf(csv_folder) -> None:
    for table in TABLES:
        text = (csv_folder / f"{table}.csv").read_bytes()
        assert b"\r" not in text
        assert text.endswith(b"\n")


@pytest.fixture(scope="module")
def csv_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    write(folder, format="csv")
    return folder


def test_one_category_and_generic_names(tmp_path) -> None:
    write(tmp_path, categories=1, weeks=4, stores=40, skus=30)
    with open_sample(tmp_path) as sample:
        found = sample.sql("select distinct CAT_DSC from internal_sales order by all")
        assert found.fetchall() == [("COFFEE",), (None,)]
    write(tmp_path, categories=13, weeks=4, stores=40, skus=30)
    with open_sample(tmp_path) as sample:
        query = "from need_state where CATEGORY = 'CATEGORY 13'"
        assert count(sample, f"{query} and NEED_STATE = 'NEED STATE 3'") > 0


def test_progress_is_called_once_per_category(tmp_path) -> None:
    told: list[str] = []
    write(tmp_path, progress=told.append)
    assert [message.split(":")[0] for message in told] == ["COFFEE", "SHAMPOO"]


def test_a_failure_leaves_nothing_behind(tmp_path) -> None:
    def fail(message: str) -> None:
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="COFFEE"):
        write(tmp_path, progress=fail)
    assert hash_files(tmp_path) == {}
    assert list(tmp_path.iterdir()) == [tmp_path / "truth"]
    assert list((tmp_path / "truth").iterdir()) == []


HALVES = f"""
with sales as ({CLEAN_SALES}),

served as (
    select PRODUCT_ID, CATEGORY, min(NEED_STATE) as NEED_STATE
    from need_state where NEED_STATE is not null group by all
)

select
    STORE_NBR, CATEGORY, NEED_STATE, sum(TOTAL_SALES) as sales,
    sum(TOTAL_SALES * (week(PERIOD_START) % 2)) as odd_sales
from sales inner join served on SKU_NBR = PRODUCT_ID
group by all
"""


def chance_share(sales: pd.DataFrame) -> float:
    """Return the part of the squared distance to the average that two halves lack."""
    figures = ["sales", "odd_sales"]
    wide = sales.pivot(index="STORE_NBR", columns="NEED_STATE", values=figures)
    wide = wide.fillna(0.0)
    both, odd = wide["sales"], wide["odd_sales"]
    traded = (odd.sum(axis=1) > 0) & ((both - odd).sum(axis=1) > 0)
    shares, first, second = (
        part[traded].div(part[traded].sum(axis=1), axis=0)
        for part in (both, odd, both - odd)
    )
    apart = ((first - second) ** 2).sum(axis=1).mean() / 4
    return float(apart / ((shares - shares.mean()) ** 2).sum(axis=1).mean())


@pytest.mark.parametrize(
    ("noise_kind", "unsold", "chance"),
    [("plain", (0, 0.02), (0, 0.05)), ("lifelike", (0.2, 0.7), (0.002, 0.45))],
)
def test_stores_differ_as_their_kind_of_noise_says(
    tmp_path, noise_kind: str, unsold: tuple, chance: tuple
) -> None:
    options = {"stores": 300, "categories": 4, "noise_kind": noise_kind}
    with open_written(tmp_path, **options) as sample:
        sales = sample.sql(HALVES).df()
    for _, rows in sales.groupby("CATEGORY"):
        pairs = rows["STORE_NBR"].nunique() * rows["NEED_STATE"].nunique()
        assert unsold[0] <= 1 - len(rows) / pairs <= unsold[1]
        assert chance[0] <= chance_share(rows) <= chance[1]


def test_lifelike_need_states_are_of_unequal_popularity(tmp_path) -> None:
    spreads = []
    for noise_kind in ("plain", "lifelike"):
        with open_written(tmp_path / noise_kind, noise_kind=noise_kind) as sample:
            sold = sample.sql(SHARES).df().groupby(["CATEGORY", "NEED_STATE"])["sales"]
        shares = sold.sum().groupby("CATEGORY")
        spreads.append(shares.max() / shares.min())
    assert (spreads[1] > 3 * spreads[0]).all()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"stores": 3}, "got stores=3, expected at least 40"),
        ({"categories": 0}, "got categories=0, expected at least 1"),
        ({"weeks": 2}, "got weeks=2, expected at least 4"),
        ({"skus": 5}, "got skus=5, expected at least 30"),
        ({"seed": -1}, "got seed=-1, expected at least 0"),
        ({"format": "xlsx"}, "got format='xlsx', expected parquet or csv"),
        ({"separation": 1.5}, "got separation=1.5, expected 0 to 1"),
        ({"noise": 0}, "got noise=0, expected 0.1 to 10"),
        ({"noise": np.nan}, "got noise=nan, expected 0.1 to 10"),
        ({"imbalance": -0.1}, "got imbalance=-0.1, expected 0 to 1"),
        ({"size_spread": 4}, "got size_spread=4, expected 0 to 3"),
        (
            {"signal": "all"},
            "got signal='all', expected both, internal, external or none",
        ),
        (
            {"noise_kind": "odd"},
            "got noise_kind='odd', expected plain or lifelike",
        ),
    ],
)
def test_impossible_options_are_rejected(tmp_path, option: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write(tmp_path, **option)
    assert list(tmp_path.iterdir()) == []
