"""The log of the command: JSON lines, in DATA_DIR/logs/clustering.log.

dbt keeps its own beside it, with every statement. What cannot be logged, on a full disk
or in somebody else's folder, stops nothing.
"""

import logging
import sys
from contextlib import suppress
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


def problem_of(log: logging.Logger) -> BaseException | None:
    """Return why the last line could not be logged; None if it could."""
    [handler] = log.handlers
    return handler.problem if isinstance(handler, _Handler) else None


class _Handler(RotatingFileHandler):
    """Makes its folder with the first line: what logs nothing writes nothing."""

    problem: BaseException | None = None

    def __init__(self, file: Path) -> None:
        super().__init__(
            file, maxBytes=BYTES, backupCount=KEPT, encoding="utf-8", delay=True
        )
        renamed = {"asctime": "time", "levelname": "level"}
        self.setFormatter(JsonFormatter(FIELDS, rename_fields=renamed, datefmt=MOMENT))

    def emit(self, record: logging.LogRecord) -> None:
        self.problem = None
        try:
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            self.handleError(record)
        else:
            super().emit(record)

    def close(self) -> None:
        with suppress(OSError):  # what was left to write
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """Remember what went wrong; the default prints a traceback."""
        self.problem = sys.exception()
