"""The four stages of the pipeline, as groups of tasks: who leads to what."""

import functools

from clustering.airflow.manifest import Manifest

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
