"""`clustering list-jobs`: what can be built by itself."""

from rich.table import Table

from clustering.cli.screen import new_console
from clustering.core.jobs import list_jobs as read_jobs


def list_jobs() -> None:
    """List the jobs that clustering run takes."""
    table = Table(show_lines=True)
    for name in ("job", "builds", "publishes"):
        table.add_column(name, no_wrap=name == "job")
    for job in read_jobs():
        table.add_row(job.name, job.description, "yes" if job.publishes else "")
    new_console().print(table)
