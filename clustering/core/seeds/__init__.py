"""Validation of the seeds that people edit, before anything is built from them.

References to the input (a category, a feature) are validated by models, which have it.
"""

from collections.abc import Sequence
from pathlib import Path

from clustering.core.paths import DBT_PROJECT
from clustering.core.seeds.corrections import SEEDS, find_problems
from clustering.core.seeds.rules import check_bands, check_rules, find_wrong_labels
from clustering.core.seeds.tables import check_header, read_seed

__all__ = ["check_seeds"]

# Seeds whose rows are validated here, and all that the project ships; seeds that users
# add are left to dbt.
CHECKED = {*SEEDS, "feature_labels", "recommendation_rules", "volume_bands"}
OWN = sorted({*CHECKED, "split_rules"})


def check_seeds(
    project: Path = DBT_PROJECT, *, volume_bands: Sequence[str] = ()
) -> None:
    """Reject the first invalid row of any seed.

    Parameters
    ----------
    project : Path
        The dbt project.
    volume_bands : sequence of str
        The setting of that name; the seed is unused if it is empty.

    Raises
    ------
    InputError
        With file, line, value found and remedy.
    """
    folder = project / "seeds"
    names = [name for name in OWN if (folder / f"{name}.csv").exists()]
    seeds = {name: read_seed(folder / f"{name}.csv") for name in names}
    for name in sorted(CHECKED & seeds.keys()):
        check_header(seeds[name], folder / f"{name}.csv")
    corrections = [seeds[name] for name in SEEDS if name in seeds]
    for seed, problem in find_problems(corrections):
        raise seed.refuse(problem)
    if labels := seeds.get("feature_labels"):
        for problem in find_wrong_labels(labels):
            raise labels.refuse(problem)
    if rules := seeds.get("recommendation_rules"):
        check_rules(rules)
    if (bands := seeds.get("volume_bands")) and volume_bands:
        check_bands(bands, names=volume_bands)
