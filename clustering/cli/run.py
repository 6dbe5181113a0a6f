"""`clustering run`: build, test and publish, and print the result."""

import re
import shlex
import shutil
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from clustering.cli.options import Config, Env, read_environment, read_tags, user_name
from clustering.cli.publish import publish_and_tell
from clustering.cli.screen import new_console
from clustering.core.builds import EVERYTHING, Job, Origin, find_job, job_names
from clustering.core.clock import today
from clustering.core.environments import Environment
from clustering.core.errors import ArgumentError, PipelineError
from clustering.core.paths import IS_CHECKOUT, Paths, warehouse_name
from clustering.core.settings import read_settings

if TYPE_CHECKING:
    from clustering.store.runs import PublishedRun

SCENARIO = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# Of dbt_project/profiles.yml.
LITTLE_MEMORY = "memory_optimized"


def run(
    job: Annotated[
        str,
        typer.Argument(
            help="What to build; clustering list-jobs lists all jobs.",
            autocompletion=job_names,
        ),
    ] = EVERYTHING,
    env: Env = None,
    config: Config = None,
    raw: Annotated[
        Path | None,
        typer.Option(
            help="Folder of internal_sales, need_state, store_attributes and, if any,"
            " external_sales; the environment's folder by default.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    seam: Annotated[
        Path | None,
        typer.Option(
            help="Folder that clustering seam wrote: go on from its tables, instead of"
            " from raw tables.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            help="A var of dbt_project.yml for this run, as KEY=VALUE; may be repeated."
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            help="Tag of this build in the registry, as KEY=VALUE; may be repeated."
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="Build a scenario of this name beside the live version, to compare"
            " with it; it goes live only if somebody approves it."
        ),
    ] = None,
    memory_optimized: Annotated[
        bool,
        typer.Option("--memory-optimized", help="Use less memory, and take longer."),
    ] = False,
    full_refresh: Annotated[
        bool,
        typer.Option("--full-refresh", help="Refit every category, changed or not."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Run even if nothing has changed."),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="Wait for the end of another run, if any."),
    ] = False,
) -> None:
    """Build, test and publish the clusters, and print them.

    If input, settings and code have not changed since the last run, it does nothing.
    """
    environment = read_environment(env, config)
    settings = environment.vars | read_settings(param or [])
    if scenario is not None and not SCENARIO.fullmatch(scenario):
        raise ArgumentError(
            f"got --scenario {scenario!r}, expected letters, digits, - and _"
        )
    paths = replace(environment.paths, scenario=scenario)
    if raw is not None:
        paths = replace(paths, internal=raw.resolve(), external=raw.resolve())
    if seam is not None:
        if raw is not None:
            raise ArgumentError("got --raw and --seam, expected one of them")
        paths = replace(paths, seam=seam.resolve())
    order = Order(
        find_job(job),
        environment,
        paths,
        settings,
        tags=read_tags(tag or []),
        full_refresh=full_refresh,
        target=LITTLE_MEMORY if memory_optimized else environment.target,
        raw=None if raw is None else raw.resolve(),
    )
    console = new_console()
    console.print(order.headline, highlight=False, soft_wrap=True)
    if not (force or full_refresh) and order.is_done(console):
        return
    order.carry_out(console, wait=wait)


@dataclass(frozen=True)
class Order:
    """What one run is to do.

    Parameters
    ----------
    job : Job
        What to build.
    environment : Environment
        Its settings, folders and approval policy.
    paths : Paths
        Where it is built, and from which folders.
    settings : dict
        Vars of dbt_project.yml.
    tags : tuple of str
        Words of who started it.
    full_refresh : bool
        Whether everything is made anew.
    target : str
        Target of dbt_project/profiles.yml.
    raw : Path or None
        The folder of the input, where it is not the environment's.
    """

    job: Job
    environment: Environment
    paths: Paths
    settings: dict[str, object]
    tags: tuple[str, ...] = ()
    full_refresh: bool = False
    target: str = "dev"
    raw: Path | None = None

    @cached_property
    def signature(self) -> str:
        """Fingerprint of all that the build is made from."""
        from clustering.core.settings import check_settings
        from clustering.store.facts import sign
        from clustering.store.fit import sign_fit

        return sign(
            internal=self.paths.internal_raw,
            external=self.paths.external_raw,
            settings=self.settings,
            today=today(),
            mapping=self.environment.input,
            seam=self.paths.seam,
            fit=sign_fit(self.paths.published, check_settings(self.settings)),
        )

    def is_done(self, console: Console) -> bool:
        """Say so if the last build was made from the same, and is published."""
        from clustering.store.builds import find_same

        if self.job.name != EVERYTHING:
            return False
        console.print("comparing input, settings and code with the last run")
        same = find_same(
            self.paths.warehouse, self.paths.published, signature=self.signature
        )
        if same is None:
            return False
        console.print(
            f"nothing to do: input, settings and code are those of the run {same.name};"
            " --force runs all the same",
            highlight=False,
        )
        return True

    def carry_out(self, console: Console, *, wait: bool = False) -> None:
        """Build, publish if the job makes marts, and print the result.

        Raises
        ------
        PipelineError
            If the build fails; if input changed meanwhile; or if another run is under
            way, unless this one waits.
        """
        from clustering.store.builds import record_command

        about = {
            "job": self.job.name,
            "environment": self.environment.name,
            "settings": self.settings,
            "tags": self.tags,
            "scenario": self.paths.scenario,
            "raw": self.raw and str(self.raw),
        }
        with record_command(self.paths, about, wait=wait) as result:
            before = self._stamp_input()
            self._build(console)
            self._check_unchanged(before)
            if self.job.publishes:
                result["published"] = self._publish(console).name
                return
            console.print(
                f"built in {self.paths.warehouse}; {self.job.name} leaves marts out, so"
                " that nothing is published",
                highlight=False,
            )

    def _check_unchanged(self, before: frozenset[tuple[str, int, int]]) -> None:
        from clustering.store.builds import spoil_build
        from clustering.store.registry import Registry

        after = self._stamp_input()
        if after == before:
            return
        spoil_build(self.paths.warehouse, Registry(self.paths.registry))
        file = min(name for name, *_ in before ^ after)
        raise PipelineError(
            f"{file} changed while it was read, so nothing is published; run again:"
            f" {self.environment.command(self._words())}"
        )

    def _stamp_input(self) -> frozenset[tuple[str, int, int]]:
        from clustering.store.facts import stamp_input

        return stamp_input(
            internal=self.paths.internal_raw,
            external=self.paths.external_raw,
            mapping=self.environment.input,
            seam=self.paths.seam,
        )

    def _build(self, console: Console) -> None:
        from clustering.cli.screen import BuildReport
        from clustering.core.dbt import Target, build
        from clustering.store.builds import last_builds, nodes_under_way
        from clustering.store.registry import Registry
        from clustering.store.warehouse import check_opens

        if self.paths.scenario:
            _start_from(self.environment.paths, self.paths.warehouse)
        check_opens(self.paths.warehouse)
        registry = Registry(self.paths.registry)
        warehouse = warehouse_name(self.paths.warehouse, self.paths.data)
        report = BuildReport(
            console,
            find_nodes=partial(nodes_under_way, registry, warehouse=warehouse),
        )
        with report.progress:
            build(
                self.paths,
                settings=self.settings,
                target=Target(self.target),
                flags=self._flags(),
                listeners=[report.notice],
                origin=self._origin(),
            )
        [built] = last_builds(registry, warehouse=warehouse, most=1)
        report.summarise(built.seconds)

    def _publish(self, console: Console) -> "PublishedRun":
        from clustering.cli.show import show_categories

        published = publish_and_tell(
            self.environment,
            warehouse=self.paths.warehouse,
            scenario=self.paths.scenario,
        )
        console.print()
        show_categories(published, console=console)
        if not self.paths.scenario:
            console.print(_next_steps(self.paths), highlight=False, soft_wrap=True)
        return published

    def _words(self) -> str:
        """Return the command for the same input."""
        for option, folder in (("--raw", self.raw), ("--seam", self.paths.seam)):
            if folder is not None:
                return f"run {option} {shlex.quote(str(folder))}"
        return "run"

    @property
    def headline(self) -> str:
        """What it is about to do, in a line."""
        what = f"{self.job.name} in the environment {self.environment.name}"
        if self.paths.scenario:
            what += f", scenario {self.paths.scenario}"
        return f"{what}, data in {self.paths.data}"

    def _flags(self) -> list[str]:
        flags = ["--selector", self.job.name]
        return [*flags, "--full-refresh"] if self.full_refresh else flags

    def _origin(self) -> Origin:
        from clustering.store.facts import code_version
        from clustering.store.runs import current_run

        now = current_run(self.paths.published)
        return Origin(
            started_by=f"{user_name()}, with clustering run",
            environment=self.environment.name,
            tags=self.tags,
            code_version=code_version(),
            signature=self.signature,
            follows=now.short_id if now else None,
        )


def _start_from(paths: Paths, copy: Path) -> None:
    """Start a scenario as a copy of the warehouse: only what differs is refitted."""
    from clustering.store.registry import Registry
    from clustering.store.warehouse import BusyError, open_warehouse

    warehouse = paths.warehouse
    copy.parent.mkdir(parents=True, exist_ok=True)
    if copy.exists() or not warehouse.exists():
        return
    try:
        with open_warehouse(warehouse, Registry(paths.registry)):
            shutil.copy2(warehouse, copy)
    except BusyError:  # the scenario is built from nothing then
        return


def _next_steps(paths: Paths) -> str:
    database = paths.database
    if database.is_relative_to(Path.cwd()):
        database = database.relative_to(Path.cwd())
    command = ".venv/bin/clustering" if IS_CHECKOUT else "clustering"
    browser = "make dashboard" if IS_CHECKOUT else "clustering dashboard"
    show, report = f"{command} show CATEGORY", f"{command} report"
    return (
        "Where to look next:\n"
        f"  {show:<36} the clusters of a category, by name\n"
        f"  {browser:<36} all of it in the browser\n"
        f"  {report:<36} the same as one file, to mail\n"
        f"  {database}   the marts, for BI tools:\n"
        "    store_clusters      the cluster of every store in every category\n"
        "    cluster_profiles    what sets each cluster apart\n"
        "    store_reasons       why each store is where it is\n"
        "    k_selection         every k that was tried, and why one was chosen\n"
        "    quarantined_rows    the input rows that were not used, and why"
    )
