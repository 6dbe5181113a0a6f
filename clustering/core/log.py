"""The log of the command: JSON lines, in DATA_DIR/logs/clustering.log.

dbt keeps its own beside it, with every statement.
"""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter

from clustering.core.paths import Paths

BYTES, KEPT = 2_000_000, 5
FIELDS = ["asctime", "levelname", "process", "message"]
MOMENT = "%Y-%m-%dT%H:%M:%S%z"


def log_file(paths: Paths) -> Path:
    """Return where the command's log is."""
    return paths.logs / "clustering.log"


def open_log(paths: Paths) -> logging.Logger:
    """Return the logger whose lines go to the log; the file is made by the first."""
    logger = logging.getLogger("clustering")
    file = log_file(paths)
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    logger.addHandler(_Handler(file))
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return logger


class _Handler(RotatingFileHandler):
    """Makes its folder with the first line: what logs nothing writes nothing."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            file, maxBytes=BYTES, backupCount=KEPT, encoding="utf-8", delay=True
        )
        renamed = {"asctime": "time", "levelname": "level"}
        self.setFormatter(JsonFormatter(FIELDS, rename_fields=renamed, datefmt=MOMENT))

    def emit(self, record: logging.LogRecord) -> None:
        Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        super().emit(record)
