"""`clustering publish`, `approve` and `reject`: what readers get."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.environments import Environment
from cli.options import Config, Env, read_environment, user_name

if TYPE_CHECKING:
    from serving.policy import Policy
    from serving.runs import PublishedRun
    from serving.versions import Version

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A kept run, by the beginning of its id or name, or a scenario.",
    ),
]
By = Annotated[
    str | None, typer.Option("--by", help="Who decides; your user name without it.")
]


def publish(
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            help="Go back to this run, by the beginning of its id or name; without it,"
            " publish what was built last.",
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(help="Runs to keep; as configured without it.", min=1),
    ] = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Publish the last good build, or a run that was published before."""
    environment = read_environment(env, config)
    if run is None:
        publish_build(environment, keep=keep)
    else:
        _approve(environment, run, by=None, reason="published again")


def approve(
    run: RunArgument,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    by: By = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Give readers a version: one that waits, a scenario, or one that they had."""
    from serving.versions import find_scenario

    environment = read_environment(env, config)
    name = find_scenario(environment.paths.published, run)
    _approve(environment, name, by=by, reason=reason)


def reject(
    run: RunArgument,
    reason: Annotated[str, typer.Option(help="Why; it stands in the history.")],
    by: By = None,
    env: Env = None,
    config: Config = None,
) -> None:
    """Note that readers shall not get a version."""
    from serving.publish import reject as reject_version
    from serving.versions import find_scenario

    environment = read_environment(env, config)
    published = environment.paths.published
    version = reject_version(
        find_scenario(published, run), published, by=by or user_name(), reason=reason
    )
    typer.echo(f"rejected version {version.number}, {version.run}")


def publish_build(
    environment: Environment,
    *,
    keep: int | None = None,
    warehouse: Path | None = None,
    scenario: str | None = None,
) -> "PublishedRun":
    """Publish what was built last, if it may be, and say what readers get."""
    from serving.publish import publish as publish_run
    from serving.versions import APPROVED, find_version

    paths, readers = environment.paths, environment.publishing
    run = publish_run(
        warehouse or paths.warehouse,
        paths.published,
        keep=keep or readers.keep_runs,
        postgres=readers.postgres,
        policy=policy_of(environment),
        scenario=scenario,
    )
    version = find_version(paths.published, run)
    if version.state == APPROVED:
        _say_published(environment, version)
    else:
        typer.echo(say_waiting(environment, version))
    return run


def policy_of(environment: Environment) -> "Policy":
    """Return the policy that is configured."""
    from serving.policy import Policy

    return Policy(**environment.approval.model_dump())


def say_waiting(environment: Environment, version: "Version") -> str:
    """Say why readers do not have a version, and what to do about it."""
    why = (
        f"it is the scenario {version.scenario}"
        if version.scenario
        else {
            "created": version.reason,
            "ready": "a person approves versions here",
            "rejected": f"{version.decided_by} rejected it: {version.reason}",
            "superseded": "another took its place; a person may bring it back",
        }[version.state]
    )
    return (
        f"version {version.number}, {version.run}, is {version.state}, readers do not"
        f" have it: {why}\n"
        f"  {environment.command(f'compare {version.run}')}\n"
        f"  {environment.command(f'approve {version.run}')}"
    )


def _approve(
    environment: Environment, run: str, *, by: str | None, reason: str
) -> None:
    from serving.publish import approve as approve_version

    version = approve_version(
        run,
        environment.paths.published,
        by=by or user_name(),
        reason=reason,
        postgres=environment.publishing.postgres,
    )
    _say_published(environment, version)


def _say_published(environment: Environment, version: "Version") -> None:
    also = " and PostgreSQL" if environment.publishing.postgres else ""
    published = environment.paths.published
    typer.echo(
        f"published {version.run}, version {version.number}, to {published}{also}"
    )
