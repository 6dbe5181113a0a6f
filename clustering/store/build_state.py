"""The state of a warehouse: what its builds left, and whether that may be published."""

from dataclasses import dataclass

from clustering.core.errors import PipelineError
from clustering.store.recording import BUILDING, GOOD
from clustering.store.registry import Registry
from clustering.store.warehouse import Warehouse

REMEDY = "run: clustering run, or dbt build"

STATE = """
    select
        node, results.name, resource_type, model, results.status, made_by, made_at,
        makers.run, makers.signature
    from results
    left join builds as makers on makers.build_id = results.made_by
    where results.build_id = :build_id
    order by results.status = 'skipped', results.name
"""


@dataclass(frozen=True)
class Result:
    """The last result of a model, a seed or a test.

    Parameters
    ----------
    node : str
        dbt's unique id.
    name, resource_type : str
        Its name; model, seed or test.
    model : str or None
        The model or source that a test is of; else its own name.
    status : str or None
        dbt's; ``building`` where a build began it and said no more; None where it was
        never run.
    made_by, made_at : str or None
        The build, and when that began, in UTC.
    run, signature : str or None
        The run of Airflow that the build was part of, and what it was made from.
    """

    node: str
    name: str
    resource_type: str
    model: str | None
    status: str | None
    made_by: str | None
    made_at: str | None
    run: str | None
    signature: str | None

    @property
    def is_good(self) -> bool:
        """Whether it was made, or passed."""
        return self.status in GOOD

    @property
    def is_test(self) -> bool:
        """Whether it is the result of a test."""
        return self.resource_type == "test"


def read_state(registry: Registry, build_id: str | None) -> list[Result]:
    """Return what a build left, of every model, seed and test of the project."""
    rows = registry.read(STATE, {"build_id": build_id})
    return [Result(**row) for row in rows]


def check_build(warehouse: Warehouse) -> None:
    """Refuse what must not be published.

    Raises
    ------
    PipelineError
        If a build did not end, left something of the project out, or had an error or a
        failed test.
    """
    state = read_state(warehouse.registry, warehouse.build_id)
    reason = _find_reason(state)
    if reason:
        raise PipelineError(f"the warehouse cannot be published: {reason}; {REMEDY}")


def _find_reason(state: list[Result]) -> str | None:
    if not state:
        return "no build is recorded in it"
    stopped = [one.made_at for one in state if one.status == BUILDING]
    if stopped:
        return f"the build of {max(stopped)[:19].replace('T', ' ')} was stopped"
    ran = [one for one in state if one.status is not None]
    bad = [one for one in ran if not one.is_good]
    if bad:
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        return f"{bad[0].name} has the status {bad[0].status}{more}"
    if missing := len(state) - len(ran):
        return f"{missing} models and tests of the project were never run in it"
    if untested := _find_untested(ran):
        return f"not tested since they were made: {', '.join(untested)}"
    return None


def _find_untested(state: list[Result]) -> list[str]:
    """Return the models that were made anew, and of which a test is older."""
    made_at = {one.name: one.made_at for one in state if not one.is_test}
    return sorted(
        {
            one.model
            for one in state
            if one.is_test and one.made_at < made_at.get(one.model, "")
        }
    )
