"""Validate settings, seeds and input before a build."""

from collections.abc import Mapping

from clustering.core.environments import mapping_in_force
from clustering.core.input import open_input
from clustering.core.paths import DBT_PROJECT, Paths, dbt_environment
from clustering.core.seeds import check_seeds
from clustering.core.settings import check_settings


def check_input(paths: Paths, *, settings: Mapping[str, object]) -> list[str]:
    """Validate settings, seeds and input files without building anything.

    It opens no warehouse, so it need not wait for a running build.

    Parameters
    ----------
    paths : Paths
        Where the input lies.
    settings : mapping
        Overrides of the vars in dbt_project.yml.

    Returns
    -------
    list of str
        What is odd about the input, and does not stop a run.

    Raises
    ------
    SettingsError
        If a setting is invalid.
    InputError
        If the input or a seed is invalid.
    """
    checked = check_settings(settings)
    check_seeds(volume_bands=checked.volume_bands)
    with dbt_environment(paths):
        opened = open_input(
            DBT_PROJECT,
            mapping=mapping_in_force(),
            excluded_categories=checked.excluded_categories,
            excluded_columns=checked.excluded_external_columns,
        )
    return opened.notes
