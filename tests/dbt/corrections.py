"""Corrections as people write them, into the seeds of a copied project."""

from pathlib import Path

HEADERS = {
    "excluded_stores": "store_id,category,reason,author,expires_on",
    "fixed_k": "category,side,k,reason,author,expires_on",
    "store_corrections": "store_id,category,action,cluster_id,reason,author,expires_on",
    "cluster_corrections": "category,cluster_id,action,value,reason,author,expires_on",
}


def write_corrections(project: Path, **rows: list[str]) -> None:
    """Write the seeds anew, each with the rows given by its name, or none."""
    for seed, header in HEADERS.items():
        lines = [header, *rows.get(seed, [])]
        (project / "seeds" / f"{seed}.csv").write_text("\n".join(lines) + "\n")
