"""Write the seam of a warehouse to a folder, that other builds go on from."""

from pathlib import Path

import duckdb

from clustering.core.errors import PipelineError
from clustering.core.paths import DBT_PROJECT, Paths
from clustering.core.seam import SeamManifest, read_seam, write_seam
from clustering.store.registry import Registry
from clustering.store.warehouse import (
    REMEDY,
    BusyError,
    Warehouse,
    open_warehouse,
    read_state,
)


def write_seam_of(paths: Paths, folder: Path) -> SeamManifest:
    """Write the tables of the last build that preprocessing hands over.

    Parameters
    ----------
    paths : Paths
        Where the warehouse is.
    folder : Path
        It is made; see :func:`clustering.core.seam.write_seam`.

    Raises
    ------
    PipelineError
        If there is no warehouse, another process has it open, or a table of the seam
        was not made or a test of it failed.
    """
    file = paths.warehouse
    if not file.exists():
        raise PipelineError(f"there is no warehouse {file}; {REMEDY}")
    try:
        with open_warehouse(file, Registry(paths.registry)) as warehouse:
            build_id = _check_seam(warehouse)
    except BusyError as error:
        raise PipelineError(f"{file} is in use; try again: {error}") from None
    # views in it name it as its build did: it is opened, not attached
    with duckdb.connect(file, read_only=True) as connection:
        return write_seam(connection, folder, project=DBT_PROJECT, build_id=build_id)


def _check_seam(warehouse: Warehouse) -> str:
    """Return the id of the build that the warehouse is of, if its seam is good.

    Tests that also read marts may wait for who goes on from the folder.
    """
    state = read_state(warehouse.registry, warehouse.build_id)
    models = {one.name for one in read_seam(DBT_PROJECT) if one.schema != "raw"}
    for result in state:
        made = result.model if result.is_test else result.name
        waits = result.is_test and result.status is None
        if made in models and not result.is_good and not waits:
            raise PipelineError(
                f"the seam cannot be written: {result.name} has the status"
                f" {result.status or 'never run'}; {REMEDY}"
            )
    if warehouse.build_id is None:
        raise PipelineError(f"no build is recorded in the warehouse; {REMEDY}")
    return warehouse.build_id
