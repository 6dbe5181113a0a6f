"""The server for assistants: what it says is so, and nothing makes it do more."""

import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from clustering.core.paths import Paths
from clustering.queries.ad_hoc import MOST_ROWS
from tests.mcp.client import Call, ask_server

# Of the small sample; of real input there are more.
QUESTIONS, HOSTILE = 40, 100


class Question(NamedTuple):
    """A call, where the answer is in its rows, and what is right."""

    call: Call
    pick: Callable[[list[dict]], object]
    right: object


def questions(published: Path, *, count: int) -> list[Question]:
    """Return questions about every category and cluster, and about some stores.

    What is right is read from the Parquet files, with statements of the test's own.
    """
    found = [*about_clusters(published), *about_stores(published)]
    return random.Random(0).sample(found, count)


def about_clusters(published: Path) -> Iterator[Question]:
    rows = duckdb.sql(
        "select category, cluster_id, count(*), any_value(cluster_name)"
        f" from '{published}/store_clusters.parquet' group by all order by all"
    ).fetchall()
    for category, cluster, count, name in rows:
        key = {"category": category, "cluster_id": cluster}
        yield Question(
            Call("list_clusters", {"category": category}),
            lambda rows, one=cluster: [
                (row["store_count"], row["cluster_name"])
                for row in rows
                if row["cluster_id"] == one
            ],
            [(count, name)],
        )
        stores = [
            store
            for (store,) in duckdb.execute(
                f"select store_id from '{published}/store_clusters.parquet'"
                " where category = ? and cluster_id = ?"
                " order by try_cast(store_id as hugeint) nulls last, store_id",
                [category, cluster],
            ).fetchall()
        ]
        for offset in range(0, len(stores), MOST_ROWS):
            yield Question(
                Call("list_stores", key | {"offset": offset}),
                lambda rows: [row["store_id"] for row in rows],
                stores[offset : offset + MOST_ROWS],
            )
        [(sales,)] = duckdb.execute(
            f"select sales::double from '{published}/cluster_summary.parquet'"
            " where category = ? and cluster_id = ?",
            [category, cluster],
        ).fetchall()
        statement = (
            "select sum(sales) as sales from cluster_summary"
            f" where category = '{category}' and cluster_id = {cluster}"
        )
        yield Question(
            Call("query", {"sql": statement}),
            lambda rows: rows[0]["sales"],
            pytest.approx(sales),
        )
        [(feature,)] = duckdb.execute(
            f"select feature from '{published}/cluster_profiles.parquet'"
            " where category = ? and cluster_id = ?"
            " order by abs(standard_difference) desc, block desc, feature limit 1",
            [category, cluster],
        ).fetchall()
        yield Question(
            Call("describe_cluster", key), lambda rows: rows[0]["feature"], feature
        )


def about_stores(published: Path) -> Iterator[Question]:
    rows = duckdb.sql(
        "select store_id, category, cluster_id, next_best_cluster, list(reason)"
        f" from '{published}/store_clusters.parquet'"
        f" left join '{published}/store_reasons.parquet'"
        " using (store_id, category, cluster_id) group by all order by all limit 60"
    ).fetchall()
    for store, category, cluster, next_best, reasons in rows:
        yield Question(
            Call("explain_store", {"store_id": store, "category": category}),
            lambda rows: [
                (
                    row["cluster_id"],
                    row["next_best_cluster"],
                    sorted(row["reasons"] or []),
                )
                for row in rows
            ],
            [(cluster, next_best, sorted(filter(None, reasons)))],
        )


def check_questions(data: Path, *, count: int) -> None:
    asked = questions(Paths(data).published, count=count)
    said = ask_server(data, [one.call for one in asked])
    wrong = [
        (question.call, answer.text[:200])
        for question, answer in zip(asked, said, strict=True)
        if answer.answer is None
        or question.pick(answer.answer["rows"]) != question.right
    ]
    assert wrong == []


def test_what_it_says_is_in_the_published_tables(small_data):
    check_questions(small_data.data, count=QUESTIONS)


@pytest.mark.long
def test_what_it_says_of_real_input_is_in_the_published_tables(iowa_published):
    check_questions(iowa_published.parent, count=100)


def test_every_figure_comes_with_its_run_tables_and_sql(small_data, small_run):
    category = small_run.read("select min(category) as one from cluster_summary")
    [name] = category["one"]
    [said] = ask_server(small_data.data, [Call("list_clusters", {"category": name})])
    assert said.answer is not None
    assert said.answer["run"] == small_run.name
    assert said.answer["tables"] == ["cluster_summary"]
    [statement] = said.answer["sql"]
    again = small_run.read(statement)["cluster_id"].tolist()
    assert [row["cluster_id"] for row in said.answer["rows"]] == again


# Statements that write, wait, or look for what is not in the tables; {file} is a file
# with a secret.
ATTACKS = (
    "copy (select 1) to '{file}'",
    "copy run to '{file}.copy'",
    "attach '{file}' as other",
    "insert into run select * from run",
    "update run set run_id = 'x'",
    "delete from store_clusters",
    "drop table store_clusters",
    "create table x as select 1",
    "create macro m() as 1",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "reset lock_configuration",
    "pragma database_list",
    "call pragma_database_size()",
    "export database '{file}.dir'",
    "select * from read_text('{file}')",
    "select * from read_csv('{file}')",
    "select * from read_blob('{file}')",
    "select * from read_json_auto('{file}')",
    "select * from glob('{folder}/*')",
    "from '{file}'",
    'select * from "{file}"',
    "select * from query('select 1')",
    "from query_table('run')",
    "select * from duckdb_settings()",
    "select * from duckdb_databases()",
    "select path from pragma_database_list",
    "with duckdb_databases as (select 1) select * from (select 1), duckdb_databases",
    "select * from information_schema.tables",
    "select * from json_execute_serialized_sql('{{}}')",
    "select current_setting('secret_directory')",
    "select getenv('HOME')",
    "select getvariable('x')",
    "select * from which_secret('s3://x', 's3')",
    "select 1; drop table run",
    "explain analyze select 1",
    "select * from run union all select * from read_text('{file}')",
    "select (select content from read_text('{file}'))",
    "select * from run where run_id in (select content from read_text('{file}'))",
    "values ('{file}')",
    "describe run",
    "",
    "'",
    "select",
    "\x00select 1",
    "select * from sqlite_scan('{file}', 'x')",
    "select * from parquet_metadata('{file}')",
    "select * from sniff_csv('{file}')",
)
PLACES = ("../../../etc/passwd", "'; drop table run; --", "{file}", "\x00", "💥" * 99)


def hostile_calls(file: Path, *, count: int) -> list[Call]:
    """Return calls that nobody should make, from a fixed seed."""
    draw = random.Random(0)
    names = {"file": str(file), "folder": str(file.parent)}

    def attack() -> Call:
        text = draw.choice(ATTACKS).format(**names)
        change = draw.choice((str, str.upper, lambda one: f"/**/ {one}", str.title))
        return Call("query", {"sql": change(text) if draw.random() < 0.5 else text})

    def misuse() -> Call:
        text = draw.choice(PLACES).format(**names)
        tool, arguments = draw.choice(
            (
                ("list_clusters", {"category": text}),
                ("describe_cluster", {"category": text, "cluster_id": 1}),
                ("list_stores", {"category": text, "cluster_id": 10**30}),
                ("explain_store", {"store_id": text}),
                ("explain_store", {"store_id": ["a", {"b": 1}]}),
                ("describe_table", {"table": text}),
                ("query", {"statement": text}),
                (text[:20] or "x", {}),
            )
        )
        return Call(tool, arguments)

    return [attack() if draw.random() < 0.7 else misuse() for _ in range(count)]


@pytest.mark.parametrize("count", [HOSTILE, pytest.param(500, marks=pytest.mark.long)])
def test_nothing_is_written_and_nothing_else_is_read(count, paths, tmp_path):
    secret = "correct horse battery staple"
    file = tmp_path / "secret.csv"
    file.write_text(f"word\n{secret}\n")
    before = contents(tmp_path)
    said = ask_server(paths.data, hostile_calls(file, count=count))
    assert contents(tmp_path) == before
    assert [one.text for one in said if secret in one.text] == []
    answered = [one for one in said if one.answer is not None]
    assert answered == []
    assert [one.text for one in said if "Traceback" in one.text] == []


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of each file, but for what commands log."""
    return {
        str(file): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "logs" not in file.parts
    }


def test_rows_and_time_are_limited(small_data):
    long = "select count(*) from range(1000000000000) as a (x), range(9) as b (y)"
    large = "select repeat('x', 2000000000)"
    many = "select * from range(1000)"
    slow, big, rows = ask_server(
        small_data.data, [Call("query", {"sql": text}) for text in (long, large, many)]
    )
    assert slow.answer is None
    assert "it took longer than 10 s; select fewer rows" in slow.text
    assert big.answer is None
    assert "it needs too much memory; select fewer rows" in big.text
    assert len(rows.answer["rows"]) == 200
    assert rows.answer["row_count"] == 201
