"""How a Python model of the dbt project calls a step of the method.

The models name their inputs and the step; what they have in common is here: reading the
settings of the build, and fitting only the categories that have changed.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd

from clustering.core import sql
from clustering.core.settings import Refit
from ml.reuse import FINGERPRINT, KEPT, category_fingerprints, refit_changed
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


def read_earlier(dbt: Any, session: Any) -> Any | None:
    """Return the model's table of the last build, if rows of it may be kept.

    None if everything is refitted: with ``--full-refresh``, or if ``refit_when`` is
    ``always``. Where it is ``never``, the table is that of the live version.
    """
    refit_when = read_settings(session, Refit).refit_when
    if refit_when == "never":
        return read_live(dbt, session)
    may_keep = refit_when != "always"
    return session.sql(f"from {dbt.this}") if may_keep and dbt.is_incremental else None


def read_live(dbt: Any, session: Any) -> Any:
    """Return the model's table of the live version, where `keeps_live_fit` is true."""
    return session.sql(f"from live_fit.{sql.name(dbt.this.identifier)}")


def keeps_live_fit(session: Any) -> bool:
    """Return whether the build takes the fit of the live version, and fits nothing."""
    return read_settings(session, Refit).refit_when == "never"


def fit_step(
    dbt: Any,
    session: Any,
    fit: Callable[..., pd.DataFrame],
    inputs: Sequence[Any],
    group: type[Group],
    *,
    signs: Sequence[Any] | None = None,
    is_relabelled: bool = False,
    **options: str,
) -> Any:
    """Call ``fit(*inputs, settings, **options)`` for the categories that have changed.

    The others keep the rows that the model's table has of them, see
    `ml.reuse.refit_changed`; with ``--full-refresh``, none do. Whether a category has
    changed is decided in DuckDB: inputs are read only where there is something to fit.
    With ``refit_when: never``, all categories keep the rows of the live version.

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
    is_relabelled : bool
        Whether the result carries numbers of clusters after corrections, which change
        while the fit stays.
    **options
        What else ``fit`` takes.

    Returns
    -------
    DataFrame or DuckDBPyRelation
        The latter where there is nothing to fit.
    """
    if keeps_live_fit(session) and not is_relabelled:
        categories = inputs[0].project("category").distinct()
        kept = read_live(dbt, session).join(categories, "category", how="semi")
        return kept.project(f"* replace (true as {KEPT})")
    settings = read_settings(session, group)
    digests = [digest_by_category(relation) for relation in signs or inputs]
    now = category_fingerprints(digests, settings.model_dump() | options)
    earlier = read_earlier(dbt, session)
    then = _fingerprints_of(earlier)
    if earlier is not None and then and now == then:
        return earlier.project(f"* replace (true as {KEPT})")
    changed = [category for category in now if then.get(category) != now[category]]
    (jobs,) = session.sql("select current_setting('threads')").fetchone()
    return refit_changed(
        fit,
        [only(relation, changed).df() for relation in inputs],
        settings,
        earlier=None if earlier is None else earlier.df(),
        signs=digests,
        jobs=jobs,
        **options,
    )


def digest_by_category(relation: Any) -> pd.DataFrame:
    """Return one row per category: a hash of its rows, whatever their order.

    What a step says of its own fit does not count, nor the order of columns.
    """
    columns = sorted(set(relation.columns) - {FINGERPRINT, KEPT})
    names = ", ".join(map(sql.name, columns))
    rows = relation.aggregate(
        f"category, count(*) as row_count, sum(hash({names})) as hashes", "category"
    )
    return rows.project(
        f"category, {sql.text(names)} || ' ' || row_count || ' ' || hashes as digest"
    ).df()


def _fingerprints_of(earlier: Any | None) -> dict[str, str]:
    """Return the fingerprint of each category of an earlier result."""
    if earlier is None or FINGERPRINT not in earlier.columns:
        return {}
    return dict(earlier.project(f"category, {FINGERPRINT}").distinct().fetchall())


def only(relation: Any, categories: Sequence[str]) -> Any:
    """Return the rows of some categories, and those that hold in every category.

    Parameters
    ----------
    relation : DuckDBPyRelation
        With the column category, null where a row holds in every category.
    categories : sequence of str
    """
    wanted = [f"category = {sql.text(category)}" for category in categories]
    return relation.filter(" or ".join(["category is null", *wanted]))
