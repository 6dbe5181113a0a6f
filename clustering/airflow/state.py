"""What earlier builds left in the warehouse, as a DAG run asks of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustering.airflow.plan import Plan
from clustering.core.paths import Paths

if TYPE_CHECKING:  # DuckDB: not with the DAGs
    from clustering.store.warehouse import Result

# The builds that led to a state, the last one first. Tests by themselves made nothing.
LINE = """
    with recursive

    line as (

        select *, 1 as number
        from builds
        where build_id = :build_id
        union
        select builds.*, line.number + 1
        from builds
        inner join line on builds.build_id = line.parent

    )

    select build_id, run, signature
    from line
    where command <> 'test'
    order by number
"""


@dataclass(frozen=True)
class State:
    """The state of a warehouse.

    Parameters
    ----------
    results : mapping
        The last result of each model, seed and test, by dbt's unique ids.
    line : sequence of tuple
        Id, run of Airflow and signature of the builds that led here, the last first.
    """

    results: Mapping[str, "Result"]
    line: Sequence[tuple[str, str | None, str | None]]

    @classmethod
    def read(cls, paths: Paths) -> "State":
        """Read it; a warehouse that is not there has none.

        Raises
        ------
        BusyError
            If another process has the warehouse open.
        """
        from clustering.store.registry import Registry
        from clustering.store.warehouse import open_warehouse, read_state

        if not paths.warehouse.exists():
            return cls({}, [])
        registry = Registry(paths.registry)
        with open_warehouse(paths.warehouse, registry) as warehouse:
            build_id = warehouse.build_id
        results = {one.node: one for one in read_state(registry, build_id)}
        line = [tuple(row) for row in registry.read(LINE, {"build_id": build_id})]
        return cls(results, line)

    def has_passed(self, plan: Plan, *, run: str | None = None) -> bool:
        """Whether all of a plan was made together, and passed its tests.

        Parameters
        ----------
        plan : Plan
            What has to be good.
        run : str or None
            The run of Airflow that has to have made it; None: any, or none at all.
        """
        from clustering.store.warehouse import find_untested

        good = {node: one for node, one in self.results.items() if one.is_good}
        if not good.keys() >= plan.models | plan.tests:
            return False
        models = [good[node] for node in plan.models]
        tests = [good[node] for node in plan.tests]
        makers = {one.run or one.made_by for one in models}
        return (
            not find_untested([*models, *tests])
            and len(makers) == 1
            and (run is None or makers == {run})
        )

    def done(self, plan: Plan, *, run: str, signature: str) -> frozenset[str]:
        """Return the models of a plan that need not be built again.

        They are those that this run has built before, from the same input, settings
        and code, whose tests passed, and that no other build has touched since.
        """
        builds = set()
        for build_id, of_run, of_signature in self.line:
            if (of_run, of_signature) != (run, signature):
                break
            builds.add(build_id)

        def is_done(node: str) -> bool:
            found = self.results.get(node)
            return bool(found and found.is_good and found.made_by in builds)

        return frozenset(
            model
            for model, tests in plan.tests_of.items()
            if all(map(is_done, [model, *tests]))
        )
