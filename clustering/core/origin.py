"""Where a build comes from: who started it, with which words, from what.

It is recorded beside what became of the build. A plain ``dbt build`` has none of it but
the name of the user.
"""

import json
import os
from dataclasses import asdict, dataclass

# Tells dbt, and so its hooks.
VARIABLE = "CLUSTERING_BUILD"


@dataclass(frozen=True)
class Origin:
    """What the registry says of a build, beside its settings, input and results.

    Parameters
    ----------
    started_by : str
        A person, or a run of Airflow.
    environment : str
        Name of the environment.
    tags : tuple of str
        Words of who started it.
    code_version : str or None
        Version of the project, and its commit where known.
    signature : str or None
        Fingerprint of all that the build is made from; None where that is not known.
    follows : str or None
        Short id of the published run that its labels follow.
    run : str or None
        Id of the run of Airflow.
    """

    started_by: str
    environment: str
    tags: tuple[str, ...] = ()
    code_version: str | None = None
    signature: str | None = None
    follows: str | None = None
    run: str | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The variable of the environment that tells dbt."""
        return {VARIABLE: json.dumps(asdict(self))}


def read_origin() -> dict[str, object]:
    """Return what the variable of the environment says, by the names of `Origin`."""
    said = json.loads(os.environ.get(VARIABLE, "{}"))
    return {"started_by": f"{os.environ.get('USER', 'unknown')}, with dbt"} | said
