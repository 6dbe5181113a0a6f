"""Validate settings, seeds and input before a build."""

from collections.abc import Mapping

from clustering.core.environments import mapping_in_force
from clustering.core.input import RawInput, open_input
from clustering.core.input.features import FeatureRules
from clustering.core.input.sampling import LARGE
from clustering.core.paths import DBT_PROJECT, Paths, dbt_environment
from clustering.core.seeds import check_seeds
from clustering.core.settings import check_settings


def check_input(paths: Paths, *, settings: Mapping[str, object]) -> RawInput:
    """Validate settings, seeds and input files without building anything.

    It opens no warehouse, so it need not wait for a running build. Of a very large csv
    of sales, it reads some of the lines; where something is wrong in them, all.

    Parameters
    ----------
    paths : Paths
        Where the input lies.
    settings : mapping
        Overrides of the vars in dbt_project.yml.

    Returns
    -------
    RawInput
        What the tables are like, and what is odd and does not stop a run.

    Raises
    ------
    SettingsError
        If a setting is invalid.
    InputError
        If the input or a seed is invalid.
    """
    checked = check_settings(settings)
    check_seeds(volume_bands=checked.volume_bands)
    rules = FeatureRules(
        checked.excluded_external_columns,
        must_keep=checked.must_keep_columns,
        max_levels=checked.max_levels,
    )
    with dbt_environment(paths):
        return open_input(
            DBT_PROJECT,
            mapping=mapping_in_force(),
            excluded_categories=checked.excluded_categories,
            excluded_columns=checked.excluded_external_columns,
            rules=rules,
            sample_above=LARGE,
            max_age=0,
        )
