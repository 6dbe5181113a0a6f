"""Store clusters: settings, builds, published runs, and the interfaces to them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clustering.scoring.model import Model


def load(version: str | None = None, *, env: str = "dev") -> "Model":
    """Load the models of a published run, to score stores with.

    Parameters
    ----------
    version : str or None
        The beginning of its id or name; None: the live version.
    env : str
        The environment in configs/ whose data folder it is in.

    Raises
    ------
    CommandError
        If there is no such run, or its models cannot be read.

    Examples
    --------
    >>> import clustering
    >>> scores = clustering.load().assign(stores)  # doctest: +SKIP
    """
    from clustering.core.environments import Environment  # imported when asked for
    from clustering.scoring.model import Model, find_run_of

    return Model.of_run(find_run_of(Environment.read(env).paths.published, version))
