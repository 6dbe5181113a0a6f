"""The dbt project as its manifest has it: what depends on what, and what tests what."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

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
    folders : dict
        Per model or seed, the folder below the project that it lies in.
    descriptions : dict
        Per model or seed, what it holds, in words.
    """

    parents: dict[str, frozenset[str]]
    tests: dict[str, frozenset[str]]
    folders: dict[str, str]
    descriptions: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> "Manifest":
        """Read the manifest.json that ``dbt parse`` writes.

        Raises
        ------
        FileNotFoundError
            If there is none; the message says how to make it.
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
        folders={
            name: str(Path(nodes[name]["original_file_path"]).parent) for name in built
        },
        descriptions={name: nodes[name]["description"] for name in built},
    )
