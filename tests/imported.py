"""What the commands import, for the process that they are forked from."""

import pandas as pd  # noqa: F401
import scipy.stats  # noqa: F401
import sklearn.cluster
import sklearn.ensemble  # noqa: F401
from dbt.adapters.duckdb import plugins  # noqa: F401
from dbt.cli.main import cli  # noqa: F401

from clustering.cli import main  # noqa: F401
from clustering.core import dbt, plugin  # noqa: F401
from clustering.store import plugin as registry  # noqa: F401
