"""Where each column comes from, column by column: dbt-colibri's page."""

import logging
import re
from pathlib import Path

from dbt_colibri.lineage_extractor.extractor import DbtColumnLineageExtractor
from dbt_colibri.report.generator import DbtColibriReportGenerator

MODEL = re.compile(r"model [\w.]+\.(\w+), column")


class _Complaints(logging.Handler):
    """Keeps what colibri only logs: the models with a column that it cannot follow."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.models: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line of the log."""
        text = record.getMessage()
        found = MODEL.search(text)
        self.models.add(found[1] if found else text)


def write_column_lineage(artifacts: Path, folder: Path) -> list[str]:
    """Write ``folder``/index.html; columns of Python models have no lineage.

    Its command would ask a package index for a newer version and its page send usage
    statistics: the library does the first not at all, the page the second not with
    telemetry off.

    Returns
    -------
    list of str
        SQL models with columns that it cannot follow, such as those of some unions by
        name; on its page they are joined to other tables as a whole.
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
    return sorted(complaints.models)
