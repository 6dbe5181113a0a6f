"""How a Python model of the dbt project calls a step of the method.

The models name their inputs and the step; what they have in common is here: reading the
settings of the build, and fitting only the categories that have changed.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from ml.reuse import refit_changed
from ml.settings import Group

G = TypeVar("G", bound=Group)


def read_settings(session: Any, group: type[G]) -> G:
    """Return the settings of the build that belong to a group.

    Parameters
    ----------
    session : DuckDBPyConnection
        That of the model; the plugin of dbt gives it the function ``settings``.
    group : type of Group
        All settings that the step reads, and no others.
    """
    (settings,) = session.sql("select settings()").fetchone()
    return group.model_validate_json(settings)


def fit_step(
    dbt: Any,
    session: Any,
    fit: Callable[..., pd.DataFrame],
    inputs: Sequence[Any],
    group: type[Group],
    **options: str,
) -> pd.DataFrame:
    """Call ``fit(*inputs, settings, **options)`` for the categories that have changed.

    The others keep the rows that the model's table has of them, see
    `ml.reuse.refit_changed`; with ``--full-refresh``, none do.

    Parameters
    ----------
    dbt, session
        As dbt hands them to the model.
    fit : callable
        A function of `ml` that fits category by category.
    inputs : sequence of DuckDBPyRelation
        What it takes; the first has the rows to fit.
    group : type of Group
        All settings that it reads, and no others.
    **options
        What else ``fit`` takes.
    """
    earlier = session.sql(f"from {dbt.this}").df() if dbt.is_incremental else None
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        fit,
        [relation.df() for relation in inputs],
        read_settings(session, group),
        earlier=earlier,
        jobs=jobs,
        **options,
    )
