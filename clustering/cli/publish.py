"""`clustering publish`, `approve`, `reject` and `repair`: which version is live."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustering.cli.options import Config, Env, name_of, read_environment
from clustering.core.environments import Environment

if TYPE_CHECKING:
    from clustering.store.runs import PublishedRun
    from clustering.store.versions import Version

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A published run, by the beginning of its id or name, or a scenario.",
    ),
]
By = Annotated[
    str | None, typer.Option("--by", help="Who decides; your user name by default.")
]


def publish(
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            help="Restore this run, by the beginning of its id or name; by default,"
            " publish the last build.",
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(help="Number of runs to keep; as configured by default.", min=1),
    ] = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Publish the last good build, or restore an earlier run."""
    environment = read_environment(env, config)
    if run is None:
        publish_and_tell(environment, keep=keep)
    else:
        _approve(environment, run, by=None, reason="restored")


def approve(
    run: RunArgument,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")] = "",
    by: By = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Make a version live: one that waits, a scenario, or an earlier one."""
    from clustering.store.versions import find_scenario

    environment = read_environment(env, config)
    name = find_scenario(environment.paths.published, run)
    _approve(environment, name, by=by, reason=reason)


def reject(
    run: RunArgument,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")],
    by: By = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Reject a version: it does not go live."""
    from clustering.store.publish import reject as reject_version
    from clustering.store.versions import find_scenario

    environment = read_environment(env, config)
    published = environment.paths.published
    version = reject_version(
        find_scenario(published, run), published, by=name_of(by), reason=reason
    )
    typer.echo(f"rejected version {version.number}, {version.run}")


def repair(env: Env = None, config: Config = None) -> None:
    """Find damaged files, restore what can be, and set aside what cannot."""
    from clustering.store.repair import repair as repair_folder

    environment = read_environment(env, config)
    lines = repair_folder(environment.paths)
    for line in lines or ["nothing is damaged"]:
        typer.echo(line)


def publish_and_tell(
    environment: Environment,
    *,
    keep: int | None = None,
    warehouse: Path | None = None,
    scenario: str | None = None,
) -> "PublishedRun":
    """Publish the last build, if it is good, and print what became of it."""
    from clustering.publishing import publish_build, say_waiting
    from clustering.store.versions import APPROVED

    version = publish_build(
        environment, keep=keep, warehouse=warehouse, scenario=scenario
    )
    if version.state == APPROVED:
        _say_published(environment, version)
    else:
        typer.echo(say_waiting(environment, version))
    return version.run_in(environment.paths.published)


def _approve(
    environment: Environment, run: str, *, by: str | None, reason: str
) -> None:
    from clustering.store.publish import approve as approve_version

    version = approve_version(
        run,
        environment.paths.published,
        by=name_of(by),
        reason=reason,
        postgres=environment.publishing.postgres,
    )
    _say_published(environment, version)


def _say_published(environment: Environment, version: "Version") -> None:
    from clustering.store.versions import oddities

    also = " and PostgreSQL" if environment.publishing.postgres else ""
    published = environment.paths.published
    typer.echo(
        f"published {version.run}, version {version.number}, to {published}{also}"
    )
    for odd in oddities(version):
        typer.echo(f"quality gate {odd}")
