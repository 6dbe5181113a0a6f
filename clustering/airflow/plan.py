"""What one build is to do: which models and seeds, and which tests."""

from collections.abc import Collection
from dataclasses import dataclass

from clustering.airflow.manifest import Manifest
from clustering.airflow.stages import stage_of


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
        names = sorted(node.split(".")[2] for node in self.models | self.tests)
        return ["--select", *names, "--indirect-selection", "empty"]

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

    @property
    def whole_stages(self) -> set[str]:
        """Stages of which everything is built."""
        missing = self.manifest.parents.keys() - self.models
        return self.stages - {stage_of(self.manifest, model) for model in missing}
