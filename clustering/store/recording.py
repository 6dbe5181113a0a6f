"""Record builds: called by dbt's hooks, whoever started dbt.

A result is of the build that made it. When a build begins, it takes over all results
of the one before it in its warehouse, and marks as ``building`` what it is about to
make; when it ends, it says what became of that. So what a build that was killed may
have changed is known, and what it did not touch stays good.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from clustering.core.builds import read_origin
from clustering.core.clock import timestamp
from clustering.core.environments import mapping_in_force
from clustering.core.input import find_paths
from clustering.core.input.files import in_sql
from clustering.core.paths import data_folder, warehouse_name
from clustering.core.seam import read_seam, seam_folder
from clustering.store.registry import FILE, Registry

BUILDING = "building"
GOOD = ("success", "pass", "warn")
# Of a node of which dbt makes nothing.
NO_OP = "no-op"
# dbt's id of a raw table.
RAW = r"source\.\w+\.raw\."
# Builds whose record is kept although others came after them.
KEPT_BUILDS = 20

TAKE_OVER = """
    insert into results
    select
        :build_id, :node, :name, :resource_type, :model, :description, before.status,
        before.failures, before.seconds, before.message, before.made_by,
        before.made_at
    from (select 1)
    left join results as before
        on before.build_id = :parent and before.node = :node
"""

RESULT = """
    update results
    set
        status = :status,
        failures = :failures,
        seconds = :seconds,
        message = :message,
        made_by = :build_id,
        made_at = (select started_at from builds where build_id = :build_id)
    where build_id = :build_id and node = :node
"""

# Tests whose model was not built.
NEVER_RUN = """
    update results set status = 'skipped'
    where build_id = :build_id and made_by = :build_id and status = 'building'
"""

TESTS_RUN = """
    select status, count(*) as count
    from results
    where
        build_id = :build_id and made_by = :build_id and resource_type = 'test'
        and status <> 'skipped'
    group by status
"""

INPUTS_READ = """
    insert into inputs
    select :build_id, source_table, file, bytes, modified_at
    from inputs
    where build_id = :parent
"""

# A warehouse may be of a build that no other one followed, or of the last one in it,
# and its state has results of others.
FORGOTTEN = """
    with kept as (

        select build_id
        from builds
        where build_id not in (select parent from builds where parent is not null)
        union
        select build_id
        from (
            select
                build_id,
                row_number() over (
                    partition by warehouse order by started_at desc
                ) as number
            from builds
        )
        where number = 1
        union
        select * from (
            select build_id from builds order by started_at desc limit :most
        )

    )

    select build_id, parent
    from builds
    where
        build_id not in (select build_id from kept)
        and build_id not in (
            select made_by
            from results
            where made_by is not null and build_id in (select build_id from kept)
        )
    order by started_at
"""


def record_start(facts: str) -> None:
    """Record that a build begins.

    Parameters
    ----------
    facts : str
        In JSON: ``build_id``; ``parent``, the build that the warehouse is of, or null;
        ``command`` of dbt; ``project`` and ``warehouse``, folders; ``declared`` and
        ``given``, the vars of dbt_project.yml and of the command line, in YAML;
        ``nodes``, all models, seeds and tests of the project, each with ``node``,
        ``name``, ``resource_type``, ``model``, ``description`` and ``reads``, ids of
        what it is made from; and ``selected``, ids of those that are about to be made.
    """
    said = json.loads(facts)
    project = Path(said["project"])
    if said["command"] == "test":  # makes nothing
        said["selected"] = []
    inputs = _find_inputs(project, _raw_tables_read(said))
    with registry_of(project).transaction() as connection:
        at = timestamp()
        _insert_build(connection, said, at=at)
        _insert_settings(connection, said)
        _insert_results(connection, said, at=at)
        _insert_inputs(connection, said, inputs)
        _forget_builds(connection)


def record_tests(facts: str) -> None:
    """Record the results of tests that ran together, as the ones of a model do.

    Parameters
    ----------
    facts : str
        In JSON: ``build_id``; ``project``, its folder; and ``results``, as those that
        `record_end` takes.
    """
    said = json.loads(facts)
    with registry_of(Path(said["project"])).transaction() as connection:
        for result in said["results"]:
            record_result(connection, result, build_id=said["build_id"])


def record_end(facts: str) -> str | None:
    """Record what became of a build; return a line each about its tests and fits.

    A build that was stopped by its checks never began, and is not recorded.

    Parameters
    ----------
    facts : str
        In JSON: ``build_id``; ``project``, its folder; ``results``, a dict per node
        with ``node``, ``status``, ``failures``, ``seconds`` and ``message``; and
        ``fits``, a list of model, categories fitted and categories kept.
    """
    said = json.loads(facts)
    build_id, results = said["build_id"], said["results"]
    with registry_of(Path(said["project"])).transaction() as connection:
        begun = connection.execute(
            "select 1 from builds where build_id = ?", [build_id]
        ).fetchone()
        if begun is None:
            return None
        for result in results:
            record_result(connection, result, build_id=build_id)
        connection.execute(NEVER_RUN, {"build_id": build_id})
        connection.executemany(
            "insert into fits values (?, ?, ?, ?)",
            [(build_id, *fit) for fit in said["fits"]],
        )
        is_good = all(one["status"] in (*GOOD, NO_OP) for one in results)
        connection.execute(
            "update builds set finished_at = ?, status = ? where build_id = ?",
            [timestamp(), "passed" if is_good else "failed", build_id],
        )
        lines = [_say_tests(connection, build_id), _say_fits(said["fits"])]
    return "\n".join(filter(None, lines)) or None


class ResultRecorder:
    """Records results as they come, so that a build that was killed can go on.

    Parameters
    ----------
    registry : Registry
        The one that dbt's hooks write.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def notice(self, event: Any) -> None:
        """Take one event of dbt."""
        if event.info.name != "NodeFinished":
            return
        node, result = event.data.node_info, event.data.run_result
        with self._registry.transaction() as connection:
            record_result(
                connection,
                {
                    "node": node.unique_id,
                    "status": node.node_status,
                    "failures": result.num_failures,
                    "seconds": result.execution_time,
                    "message": result.message,
                },
                build_id=event.info.invocation_id,
            )


def record_result(
    connection: sqlite3.Connection,
    result: Mapping[str, object],
    *,
    build_id: str,
) -> None:
    """Record what became of one node in a build."""
    connection.execute(RESULT, {**result, "build_id": build_id})


def registry_of(project: Path) -> Registry:
    """Return the registry that a dbt project writes: in DATA_DIR, else ../data."""
    return Registry(data_folder(project) / FILE)


def _insert_build(
    connection: sqlite3.Connection, said: Mapping[str, str], *, at: str
) -> None:
    project = Path(said["project"])
    row = {
        **read_origin(),
        "build_id": said["build_id"],
        "parent": said["parent"],
        "warehouse": warehouse_name(project / said["warehouse"], data_folder(project)),
        "command": said["command"],
        "started_at": at,
    }
    row["tags"] = json.dumps(row.get("tags", []))
    places = ", ".join(f":{name}" for name in row)
    connection.execute(f"insert into builds ({', '.join(row)}) values ({places})", row)


def _insert_settings(connection: sqlite3.Connection, said: Mapping[str, str]) -> None:
    declared = yaml.safe_load(said["declared"])
    given = yaml.safe_load(said["given"]) or {}
    rows = []
    for name, default in declared.items():
        value = given.get(name, default)
        text = value if isinstance(value, str) else json.dumps(value)
        rows.append((said["build_id"], name, text, value == default))
    connection.executemany("insert into settings values (?, ?, ?, ?)", rows)


def _insert_results(
    connection: sqlite3.Connection, said: Mapping[str, Sequence], *, at: str
) -> None:
    ids = {"build_id": said["build_id"], "parent": said["parent"]}
    connection.executemany(TAKE_OVER, [node | ids for node in said["nodes"]])
    connection.executemany(
        "update results set status = ?, failures = null, seconds = null,"
        " message = null, made_by = ?, made_at = ? where build_id = ? and node = ?",
        [
            (BUILDING, said["build_id"], at, said["build_id"], node)
            for node in said["selected"]
        ],
    )


def _insert_inputs(
    connection: sqlite3.Connection,
    said: Mapping[str, str],
    files: Mapping[str, Iterable[tuple[str, int, str]]],
) -> None:
    """Take over the files of the raw tables, but of those that are read anew."""
    build_id = said["build_id"]
    connection.execute(INPUTS_READ, {"build_id": build_id, "parent": said["parent"]})
    for table, found in files.items():
        connection.execute(
            "delete from inputs where build_id = ? and source_table = ?",
            [build_id, table],
        )
        connection.executemany(
            "insert into inputs values (?, ?, ?, ?, ?)",
            [(build_id, table, *file) for file in found],
        )


def _raw_tables_read(said: Mapping[str, Any]) -> set[str]:
    """Return the sources called ``raw`` of the models that are about to be made."""
    selected = set(said["selected"])
    return {
        read.rsplit(".", 1)[1]
        for node in said["nodes"]
        for read in node["reads"]
        if node["node"] in selected and re.match(RAW, read)
    }


def _find_inputs(
    project: Path, tables: set[str]
) -> dict[str, list[tuple[str, int, str]]]:
    """Return name, bytes and time of change of every file of some raw tables.

    A build that goes on from a folder reads the files in it, and none of raw tables.
    """
    if not tables:
        return {}
    seam = [table.name for table in read_seam(project)]
    if folder := seam_folder():
        paths = {name: [str(folder / f"{name}.parquet")] for name in seam}
    else:
        paths = find_paths(project, mapping_in_force())
    with duckdb.connect() as connection:
        return {
            table: connection.execute(
                "select filename, size, strftime(timezone('UTC', last_modified),"
                f" '%Y-%m-%dT%H:%M:%S.%f+00:00') from read_blob({in_sql(paths[table])})"
            ).fetchall()
            if table in paths
            else []
            for table in (*tables, *seam)
        }


def _forget_builds(connection: sqlite3.Connection) -> None:
    """Delete builds whose state is that of no warehouse; others close the gap."""
    old = connection.execute(FORGOTTEN, {"most": KEPT_BUILDS}).fetchall()
    for build in old:  # the oldest first: a parent is gone before its child
        connection.execute(
            "update builds set parent = :parent where parent = :build_id", dict(build)
        )
        connection.execute("delete from builds where build_id = :build_id", dict(build))


def _say_tests(connection: sqlite3.Connection, build_id: str) -> str | None:
    """Report how the tests came out."""
    counts = dict(connection.execute(TESTS_RUN, {"build_id": build_id}).fetchall())
    if not counts:
        return None
    said = [f"passed {counts.get('pass', 0)} tests"]
    for status, verb in (("warn", "warned"), ("fail", "failed"), ("error", "broke")):
        if status in counts:
            said.append(f"{counts[status]} {verb}")
    return ", ".join(said)


def _say_fits(fits: Sequence[tuple[str, int, int]]) -> str | None:
    """Report the model that fitted most categories, for all of them."""
    if not fits:
        return None
    fitted = max(fitted for _, fitted, _ in fits)
    categories = max(fitted + kept for _, fitted, kept in fits)
    return f"fitted {fitted} of {categories} categories, kept {categories - fitted}"
