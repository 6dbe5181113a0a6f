"""What one build has to do, and what earlier builds left: stages, models and tests."""

import functools
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.core.paths import Paths

if TYPE_CHECKING:
    from clustering.store.warehouse import Result


BUILT = {"model", "seed"}


@dataclass(frozen=True, eq=False)
class Manifest:
    """What dbt builds and tests, by dbt's unique ids.

    Parameters
    ----------
    parents : dict
        Per model or seed, the models and seeds that it reads.
    tests : dict
        Per data test, the models and seeds that it reads.
    run_with_model : frozenset of str
        The data tests that a build runs together with their model.
    folders : dict
        Per model or seed, the folder below the project that it lies in.
    descriptions : dict
        Per model or seed, what it holds, in words.
    """

    parents: dict[str, frozenset[str]]
    tests: dict[str, frozenset[str]]
    run_with_model: frozenset[str]
    folders: dict[str, str]
    descriptions: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> "Manifest":
        """Read the manifest.json that ``dbt parse`` writes.

        Raises
        ------
        FileNotFoundError
            If it does not exist; the message says how to make it.
        """
        try:
            return _read(file, file.stat().st_mtime_ns)
        except FileNotFoundError:
            raise FileNotFoundError(
                f"no dbt manifest {file}; make it, in dbt_project: dbt parse"
                f" --target-path {file.parent}"
            ) from None

    def upstream(self, node: str) -> frozenset[str]:
        """Return the node itself and all that it is built from."""
        found: set[str] = set()
        waiting = [node]
        while waiting:
            found.add(current := waiting.pop())
            waiting.extend(self.parents[current] - found)
        return frozenset(found)

    @functools.cached_property
    def tests_of(self) -> dict[str, frozenset[str]]:
        """Per model or seed, its tests: of several parents, the one built last."""
        places = {node: place for place, node in enumerate(self.build_order)}
        tests: dict[str, set[str]] = {node: set() for node in self.parents}
        for test, parents in self.tests.items():
            if parents:
                tests[max(parents, key=places.__getitem__)].add(test)
        return {node: frozenset(found) for node, found in tests.items()}

    @functools.cached_property
    def build_order(self) -> list[str]:
        """Models and seeds, each after all that it reads."""
        steps = {node: len(self.upstream(node)) for node in self.parents}
        return sorted(self.parents, key=lambda node: (steps[node], node))


@functools.lru_cache(maxsize=1)
def _read(file: Path, changed: int) -> Manifest:
    nodes = json.loads(file.read_text())["nodes"]
    built = {name for name, node in nodes.items() if node["resource_type"] in BUILT}
    reads = {
        name: built.intersection(node["depends_on"].get("nodes", ()))
        for name, node in nodes.items()
    }
    return Manifest(
        parents={name: frozenset(reads[name]) for name in built},
        tests={
            name: frozenset(reads[name])
            for name, node in nodes.items()
            if node["resource_type"] == "test"
        },
        run_with_model=frozenset(
            name for name, node in nodes.items() if node.get("attached_node")
        ),
        folders={
            name: str(Path(nodes[name]["original_file_path"]).parent) for name in built
        },
        descriptions={name: nodes[name]["description"] for name in built},
    )


INTERNAL, EXTERNAL, MERGING, MARTS = "internal", "external", "merging", "marts"
STAGES = (INTERNAL, EXTERNAL, MERGING, MARTS)

INTERNAL_END = "model.store_clustering.internal_clusters"
EXTERNAL_END = "model.store_clustering.external_clusters"


def stage_of(manifest: Manifest, node: str) -> str:
    """Return the stage of a model or seed.

    What the internal clusters are made from is internal; what else the external
    clusters are made from, external; the folder of the marts is the marts; and the
    rest merging.
    """
    return _stages(manifest)[node]


@functools.lru_cache(maxsize=1)
def _stages(manifest: Manifest) -> dict[str, str]:
    stages = dict.fromkeys(manifest.parents, MERGING)
    for node, folder in manifest.folders.items():
        if folder == "models/marts":
            stages[node] = MARTS
    stages |= dict.fromkeys(manifest.upstream(EXTERNAL_END), EXTERNAL)
    stages |= dict.fromkeys(manifest.upstream(INTERNAL_END), INTERNAL)
    return stages


@dataclass(frozen=True)
class Plan:
    """Models, seeds and data tests of one build, by dbt's unique ids."""

    manifest: Manifest
    models: frozenset[str]
    tests: frozenset[str]

    @classmethod
    def of_stages(cls, manifest: Manifest, stages: Collection[str]) -> "Plan":
        """Plan whole stages.

        Tests that also read a model which is neither built here nor comes before are
        left to the job that builds it: until then it has the state of another day.
        """
        built = {
            node for node in manifest.parents if stage_of(manifest, node) in stages
        }
        there = built.union(*map(manifest.upstream, built))
        tests = {
            test
            for test, parents in manifest.tests.items()
            if parents & built and parents <= there
        }
        return cls(manifest, frozenset(built), frozenset(tests))

    @classmethod
    def of_nodes(cls, manifest: Manifest, nodes: Collection[str]) -> "Plan":
        """Plan what a dbt selection names."""
        nodes = frozenset(nodes)
        return cls(
            manifest, nodes & manifest.parents.keys(), nodes & manifest.tests.keys()
        )

    def without(self, done: Collection[str]) -> "Plan":
        """Return what is left to do when the models ``done`` are built and tested."""
        models = self.models.difference(done)
        tests = {test for test in self.tests if self.manifest.tests[test] & models}
        return Plan(self.manifest, models, frozenset(tests))

    @property
    def flags(self) -> list[str]:
        """Flags of ``dbt build`` that select exactly this."""
        everything = self.manifest.parents.keys() | self.manifest.tests.keys()
        if self.models | self.tests == everything:
            return []
        selected = self.models | self.tests_alone
        names = sorted(node.split(".")[2] for node in selected)
        return ["--select", *names, "--indirect-selection", "empty"]

    @property
    def tests_alone(self) -> frozenset[str]:
        """The tests that the build runs one by one."""
        return self.tests - self.manifest.run_with_model

    @property
    def tests_of(self) -> dict[str, frozenset[str]]:
        """Per model to build, the planned tests that decide about it."""
        tests_of = self.manifest.tests_of
        return {model: tests_of[model] & self.tests for model in self.models}

    @property
    def needs(self) -> set[str]:
        """Stages that are read, of which nothing is built here."""
        read = frozenset().union(*(self.manifest.parents[m] for m in self.models))
        return {stage_of(self.manifest, node) for node in read} - self.stages

    @property
    def stages(self) -> set[str]:
        """Stages of which anything is built."""
        return {stage_of(self.manifest, model) for model in self.models}


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
