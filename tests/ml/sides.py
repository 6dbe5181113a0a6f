"""Settings of the preparation, and projections, for tests of either side."""

import numpy as np
import pandas as pd

from ml.preparation import PROJECTIONS
from ml.settings import ExternalPreparation, InternalPreparation

SIDES = {"internal": InternalPreparation, "external": ExternalPreparation}


def preparation_of(
    side: str, **settings: object
) -> InternalPreparation | ExternalPreparation:
    """Return the settings of one side; those of the other are ignored."""
    names = {
        "scaling": f"{side}_scaling",
        "reduction": "external_reduction",
        "must_keep": "must_keep_columns",
    }
    given = {"reduction": "pca", "must_keep": []} | settings
    return SIDES[side](**{names.get(name, name): given[name] for name in given})


def projection_of(
    width: int, *, category: str = "GIN", block: int | None = None
) -> pd.DataFrame:
    """Return a projection of which the components are the features themselves."""
    columns = pd.DataFrame(index=range(width), columns=list(PROJECTIONS))
    return columns.assign(
        category=category,
        number=range(width),
        is_used=True,
        block=block,
        axis=list(np.eye(width)),
    )
