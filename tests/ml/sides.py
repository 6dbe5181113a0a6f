"""Settings of the preparation, under names that both sides have in common."""

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
