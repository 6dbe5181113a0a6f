"""Publish the marts of a good build, completely or not at all.

A build becomes a version, and goes live when it is approved, by the policy or by a
person; :mod:`clustering.store.versions` keeps what was decided.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import duckdb
from pydantic import SecretStr

from clustering.core import sql
from clustering.core.errors import (
    ArgumentError,
    DamagedError,
    InUseError,
    PipelineError,
)
from clustering.core.files import half_of, share_like, write_to_disk
from clustering.store.facts import read_run, write_run_tables
from clustering.store.fit import write_fit
from clustering.store.history import write_history
from clustering.store.integrity import find_damaged, restore, write_checksums
from clustering.store.models import FOLDER, record_models, write_models
from clustering.store.postgres import load
from clustering.store.registry import Registry
from clustering.store.runs import (
    CURRENT,
    DATABASE,
    LIVE,
    MODELS,
    RUNS,
    STORAGE_VERSION,
    PublishedRun,
    current_run,
    find_run,
    kept_models,
    kept_runs,
    live_version,
    run_name,
)
from clustering.store.versions import (
    APPROVED,
    BUT,
    CREATED,
    MEETS,
    POLICY,
    READY,
    REJECTED,
    Decision,
    Version,
    add_decisions,
    find_version,
    fold,
    next_moment,
    read_decisions,
    read_versions,
)
from clustering.store.warehouse import (
    REMEDY,
    BusyError,
    Warehouse,
    check_build,
    open_warehouse,
)

KEPT_RUNS = 10
# Runs of which only the models are kept, to score stores with.
KEPT_MODELS = 100
# Modes of folders by who may read what is published; files are not executable.
MODES = {"all": 0o755, "group": 0o750, "owner": 0o700}

# Returns what a run lacks to be approved without a person: a line each.
Policy = Callable[[PublishedRun], list[str]]

COMMENTS = """
    select table_name, null, comment
    from duckdb_tables()
    where database_name = 'build' and schema_name = 'marts' and comment is not null
    union all
    select table_name, column_name, comment
    from duckdb_columns()
    where database_name = 'build' and schema_name = 'marts' and comment is not null
"""


def publish(
    warehouse: Path,
    published: Path,
    *,
    keep: int = KEPT_RUNS,
    postgres: SecretStr | None = None,
    check: bool = True,
    automatic: bool = True,
    policy: Policy | None = None,
    warnings: Policy | None = None,
    scenario: str | None = None,
    readers: str = "all",
) -> PublishedRun:
    """Copy the marts of the last build to a folder of their own: a new version.

    Where it meets the policy, it goes live at once. DuckDB lets no process read a file
    while another one writes it, so readers get a copy. Killed at any moment, this
    leaves the live version as it was.

    Parameters
    ----------
    warehouse : Path
        The DuckDB file that dbt builds in.
    published : Path
        The published folder; :mod:`clustering.store.runs` says what is in it.
    keep : int
        How many runs to keep, the current one among them. The one before it is kept
        in any case: somebody may be reading it.
    postgres : SecretStr or None
        Connection string of the database that gets the tables too.
    check : bool
        Whether to look if all that was built is whole, tested and good; False where
        the caller knows.
    automatic : bool
        Whether a version may be approved without a person.
    policy : callable or None
        Returns what the version lacks to be approved so; None: nothing.
    warnings : callable or None
        Returns what is odd in it, and recorded with the policy's decision.
    scenario : str or None
        Its name; a person decides whether a scenario goes live.
    readers : {"all", "group", "owner"}
        Which users of the machine may read what is published.

    Raises
    ------
    PipelineError
        If there is no such build, or it is under way; if the folder cannot be written;
        or if the database refuses: the files are of the new run then, it is not.
    """
    with only_publisher(published), _opened(warehouse, published) as built:
        if check:
            check_build(built)
        run_id, built_at = read_run(built)
        runs = (published / RUNS).resolve()
        folder = runs / run_name(run_id, built_at=built_at)
        if folder.exists() and find_damaged(folder):
            _remove(folder)
        _open_to(readers, published)
        if not folder.exists():
            _copy_run(built, folder, run_id=run_id, mode=MODES[readers])
            record_models(PublishedRun(folder), built.registry)
        run, before = PublishedRun(folder), current_run(published)
        unmet, odd = (look(run) if look else [] for look in (policy, warnings))
        reason = BUT.join([MEETS, *odd])
        state = _decide(run, published, unmet=unmet, reason=reason, scenario=scenario)
        if state == READY and automatic and not scenario:
            state = APPROVED
        if state == APPROVED:
            _serve(run, published, postgres=postgres, by=POLICY, reason=reason)
        _forget_runs(published, but=[run, before or run], keep=keep)
    return run


def approve(
    run: str,
    published: Path,
    *,
    by: str,
    reason: str = "",
    postgres: SecretStr | None = None,
) -> Version:
    """Make a published run live: a new version, or an earlier one again.

    Parameters
    ----------
    run : str
        The beginning of its id or name.
    published, postgres : Path, SecretStr or None
        As in :func:`publish`.
    by, reason : str
        Who decides, and why.

    Raises
    ------
    ArgumentError
        If it matches no run that is kept, or several.
    PipelineError
        If it is damaged.
    """
    with only_publisher(published):
        found = find_run(published, run)
        _check_run(found)
        _serve(found, published, postgres=postgres, by=by, reason=reason)
        return find_version(published, found)


def reject(run: str, published: Path, *, by: str, reason: str) -> Version:
    """Reject a version: it does not go live, and its run is kept for inspection.

    Raises
    ------
    ArgumentError
        If it matches no run that is kept, or several; or if it is live.
    """
    with only_publisher(published):
        found = find_run(published, run)
        if found == current_run(published):
            raise ArgumentError(
                f"{found.name} is live: approve another one in its place, which ends it"
            )
        at = next_moment(published)
        add_decisions(
            published, [Decision(found.name, REJECTED, at, by=by, reason=reason)]
        )
        return find_version(published, found)


def _decide(
    run: PublishedRun,
    published: Path,
    *,
    unmet: list[str],
    reason: str,
    scenario: str | None,
) -> str:
    """Record what the policy says about a version, and return its state.

    What a person decided about the same run stays.
    """
    known = {version.run: version for version in read_versions(published)}
    if run.name in known and known[run.name].state not in (CREATED, READY):
        return known[run.name].state
    rejected = [
        f"the same clusters were rejected by {one.decided_by}: {one.reason}"
        for one in known.values()
        if one.state == REJECTED and one.run.endswith(run.short_id)
    ]
    unmet = [*rejected[:1], *unmet]
    at, lacks = next_moment(published), "; ".join(unmet)
    decisions = []
    if run.name not in known:
        created = Decision(run.name, CREATED, at, POLICY, lacks, scenario=scenario)
        decisions.append(created)
    if not unmet:
        said = reason if reason != MEETS else ""
        decisions.append(Decision(run.name, READY, at, POLICY, said))
    add_decisions(published, decisions)
    return CREATED if unmet else READY


def _serve(
    run: PublishedRun,
    published: Path,
    *,
    postgres: SecretStr | None,
    by: str,
    reason: str,
) -> None:
    """Make a run live, with the history that leads to it."""
    _restore_live(published)
    before = current_run(published)
    at = next_moment(published)
    decision = Decision(run.name, APPROVED, at, by=by, reason=reason)
    decisions = read_decisions(published)
    if run != before:
        versions = fold([*decisions, decision], current=run)
        _prepare_live(run, published, versions=versions, at=decision.at)
    _make_current(run, published, postgres=postgres)
    told = [one.state for one in decisions if one.run == run.name]
    if run != before or told[-1:] != [APPROVED]:
        add_decisions(published, [decision])


def _check_run(run: PublishedRun) -> None:
    if damaged := find_damaged(run.folder):
        raise DamagedError(
            f"{run.name} is damaged, and stays as it is: {', '.join(damaged)}; to"
            " restore it: clustering repair"
        )


def _restore_live(published: Path) -> None:
    """Restore damaged files of the live version, whose history the next one goes on."""
    live = live_version(published)
    damaged = find_damaged(live.folder) if live else []
    if not (live and damaged):
        return
    try:
        restore(live.folder, damaged)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:
        raise DamagedError(
            f"the live version is damaged: {', '.join(damaged)} in {live.folder}, and"
            " the history of clusters with it; restore the folder from a backup, or"
            f" remove {published / CURRENT}, and the history begins anew"
        ) from None


@contextmanager
def _opened(warehouse: Path, published: Path) -> Generator[Warehouse]:
    if not warehouse.exists():
        raise PipelineError(f"there is no warehouse {warehouse}; {REMEDY}")
    try:
        with open_warehouse(warehouse, Registry.beside(published)) as opened:
            yield opened
    except BusyError:
        raise InUseError(
            f"cannot read {warehouse}: another process has it open, most likely a build"
            " that is under way; wait for its end, then publish"
        ) from None


@contextmanager
def only_publisher(published: Path) -> Generator[None]:
    """Wait for other publishers, and clear leftovers of a killed one.

    Raises
    ------
    PipelineError
        If the folder cannot be written, or is a copy without its links.
    """
    try:
        (published / RUNS).mkdir(parents=True, exist_ok=True)
        with (published / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process
            _check_link(published / CURRENT)
            _clear(published)
            yield
    except OSError as error:
        where = error.filename or published
        raise PipelineError(f"cannot publish to {where}: {error.strerror}") from None


def _check_link(current: Path) -> None:
    if current.exists() and not current.is_symlink():
        raise PipelineError(
            f"{current} is a folder, expected a symbolic link to a run: the folder was"
            " copied without its links; remove it, and publish again"
        )


def _clear(published: Path) -> None:
    for half in published.glob(".new.*"):
        half.unlink()
    for place in (RUNS, LIVE, MODELS):
        for folder in (published / place).glob(".*Z-*"):
            shutil.rmtree(folder)


def _open_to(readers: str, published: Path) -> None:
    """Let readers enter the published folder, and pass through the data folder."""
    mode = MODES[readers]
    folders = {published: mode, published / RUNS: mode, published / LIVE: mode}
    folders[published.parent] = published.parent.stat().st_mode | mode & 0o111
    for folder, wanted in folders.items():
        with suppress(FileNotFoundError, PermissionError):  # another user's
            folder.chmod(wanted & 0o7777)


def _copy_run(built: Warehouse, folder: Path, *, run_id: str, mode: int) -> None:
    """Write the run to a temporary folder, then rename that."""
    connection = built.connection
    temporary = folder.with_name(f".{folder.name}")
    temporary.mkdir()
    database = sql.text(temporary / DATABASE)
    version = sql.text(STORAGE_VERSION)
    connection.execute(f"attach {database} as target (storage_version {version})")
    connection.execute("use target")
    marts = _copy_marts(connection)
    for table in [*marts, *write_run_tables(built, marts=marts)]:
        file = sql.text(temporary / f"{table}.parquet")
        connection.execute(f"copy {sql.name(table)} to {file} (format parquet)")
    write_models(connection, temporary, run_id=run_id)
    write_fit(connection, temporary)
    connection.execute("use memory")
    connection.execute("detach target")
    write_checksums(temporary)
    temporary.chmod(mode)
    share_like(temporary)
    for file in [*temporary.rglob("*"), temporary]:
        write_to_disk(file)
    temporary.rename(folder)
    write_to_disk(folder.parent)


def _copy_marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = 'build' and schema_name = 'marts' order by table_name"
    ).fetchall()
    marts = [name for (name,) in rows]
    for mart in marts:
        name = sql.name(mart)
        connection.execute(f"create table {name} as from build.marts.{name}")
    for table, column, comment in connection.execute(COMMENTS).fetchall():
        described = f"table {sql.name(table)}"
        if column:
            described = f"column {sql.name(table)}.{sql.name(column)}"
        connection.execute(f"comment on {described} is {sql.text(comment)}")
    return marts


def _prepare_live(
    run: PublishedRun, published: Path, *, versions: list[Version], at: datetime
) -> None:
    """Write the next live version under a temporary name, then rename it."""
    folder = (published / LIVE).resolve() / run.name
    temporary = folder.with_name(f".{folder.name}")
    temporary.mkdir(parents=True)
    before = live_version(published)
    write_history(temporary, run, before=before, versions=versions, at=at)
    write_checksums(temporary)
    mode = run.folder.stat().st_mode & 0o777
    with suppress(PermissionError):  # another user's
        folder.parent.chmod(mode)
    temporary.chmod(mode)
    share_like(temporary)
    if folder.exists():  # it was live some versions ago
        _remove(folder)
    temporary.rename(folder)
    write_to_disk(folder.parent)


def _make_current(
    run: PublishedRun, published: Path, *, postgres: SecretStr | None
) -> None:
    before = live_version(published)
    is_live = before is not None and before.name == run.name
    folder = (published / LIVE).resolve() / run.name
    live = before if is_live else PublishedRun(folder)
    _point_at(live, published)
    if postgres:
        load(live, postgres)
    if not is_live:
        _forget_live(published, but={run.name, before.name if before else run.name})


def _forget_live(published: Path, *, but: set[str]) -> None:
    """Remove earlier live versions but the last, which somebody may be reading."""
    for folder in (published / LIVE).glob("[0-9]*Z-*"):
        if folder.name not in but:
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, renamed first so that nobody reads half of it."""
    shutil.rmtree(folder.rename(folder.with_name(f".gone.{folder.name}")))


def _point_at(live: PublishedRun, published: Path) -> None:
    """Point `current` to the live version, and a stable link to each of its files."""
    current = published / CURRENT
    names = {file.name for file in live.folder.iterdir()}
    _link(current, Path(live.folder.parent.name) / live.name)
    for name in sorted(names):
        _link(published / name, Path(CURRENT) / name)
    for link in published.glob("*.parquet"):
        is_ours = link.is_symlink() and link.readlink().parent == Path(CURRENT)
        if is_ours and link.name not in names:
            link.unlink()
    write_to_disk(published)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    half_of(link).symlink_to(target)
    half_of(link).replace(link)


def _forget_runs(published: Path, *, but: list[PublishedRun], keep: int) -> None:
    """Remove the oldest runs but their models, and duplicates of newer ones."""
    runs = kept_runs(published)
    newest = {run.short_id: run for run in reversed(runs)}
    kept = [run for run in runs if run == newest[run.short_id]][:keep]
    for run in runs:
        if run not in [*but, *kept]:
            if run == newest[run.short_id]:
                _keep_models(run, published)
            _remove(run.folder)
    for run in kept_models(published)[KEPT_MODELS:]:
        _remove(run.folder)


def _keep_models(run: PublishedRun, published: Path) -> None:
    """Link the models of a run that is removed into a folder of their own."""
    models, folder = run.folder / FOLDER, (published / MODELS).resolve() / run.name
    if folder.exists() or not models.exists():  # of an earlier version of this project
        return
    temporary = folder.with_name(f".{folder.name}")
    shutil.copytree(models, temporary / FOLDER, copy_function=os.link)
    write_checksums(temporary)
    for place in (folder.parent, temporary):
        with suppress(PermissionError):  # another user's
            place.chmod(run.folder.stat().st_mode & 0o777)
    share_like(temporary)
    temporary.rename(folder)
    write_to_disk(folder.parent)
