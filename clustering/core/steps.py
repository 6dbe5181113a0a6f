"""How a Python model of the dbt project calls a step of the method.

The models name their inputs and the step; what they have in common is here: reading the
settings of the build, and fitting only the categories that have changed.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from ml.reuse import refit_changed
from ml.settings import Group, Refit

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


def read_earlier(dbt: Any, session: Any) -> pd.DataFrame | None:
    """Return what the model's table has of the last build, if that may be kept.

    That is None with ``--full-refresh``, or where ``refit_when`` is ``always``.
    """
    may_keep = read_settings(session, Refit).refit_when != "always"
    if not (may_keep and dbt.is_incremental):
        return None
    return session.sql(f"from {dbt.this}").df()


def fit_step(
    dbt: Any,
    session: Any,
    fit: Callable[..., pd.DataFrame],
    inputs: Sequence[Any],
    group: type[Group],
    *,
    signs: Sequence[Any] | None = None,
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
    signs : sequence of DuckDBPyRelation, optional
        What tells whether the inputs have changed, where that is less than they are.
    **options
        What else ``fit`` takes.
    """
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        fit,
        [relation.df() for relation in inputs],
        read_settings(session, group),
        earlier=read_earlier(dbt, session),
        signs=signs and [relation.df() for relation in signs],
        jobs=jobs,
        **options,
    )
