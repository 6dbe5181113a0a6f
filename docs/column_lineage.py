"""Where each column comes from, column by column: dbt-colibri's page."""

import logging
from pathlib import Path

from dbt_colibri.lineage_extractor.extractor import DbtColumnLineageExtractor
from dbt_colibri.report.generator import DbtColibriReportGenerator

from cli.errors import CommandError


class LineageError(CommandError):
    """SQL that the column lineage cannot follow."""


class _Complaints(logging.Handler):
    """Keeps what colibri only logs: a column that it could not follow."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line of the log."""
        self.texts.append(record.getMessage())


def write_column_lineage(artifacts: Path, folder: Path) -> None:
    """Write ``folder``/index.html; columns of Python models have none.

    Its command would ask a package index for a newer version and its page send usage
    statistics: the library does the first not at all, the page the second not with
    telemetry off.

    Raises
    ------
    LineageError
        If a column of a SQL model could not be followed.
    """
    complaints = _Complaints()
    log = logging.getLogger("colibri")
    log.addHandler(complaints)
    log.propagate = False
    extractor = DbtColumnLineageExtractor(
        str(artifacts / "manifest.json"), str(artifacts / "catalog.json")
    )
    report = DbtColibriReportGenerator(extractor, disable_telemetry=True)
    report.generate_report(output_dir=str(folder))
    log.removeHandler(complaints)
    if complaints.texts:
        first, more = complaints.texts[0], len(complaints.texts) - 1
        raise LineageError(f"column lineage: {first} (and {more} more)")
