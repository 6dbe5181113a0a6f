"""The policy: which versions readers get without a person's word."""

from dataclasses import dataclass

import pandas as pd

from serving.runs import Reader

RETENTION = """
    select
        category,
        count(*) filter (movement = 'stayed') / count(*) as retention
    from cluster_migrations
    where movement in ('stayed', 'moved')
    group by category
    having retention < ?
    order by retention, category
"""

STABLE = """
    select
        category,
        stable_cluster_count / cluster_count as stable_share
    from cluster_quality
    where stable_share < ?
    order by stable_share, category
"""

QUARANTINED = """
    select rows_quarantined / rows_read as quarantined_share
    from input_reconciliation
    where source_table = 'internal_sales' and quarantined_share > ?
"""


@dataclass(frozen=True)
class Policy:
    """What a version must meet to be approved by itself.

    Parameters
    ----------
    automatic : bool
        Whether versions that meet all of it are approved without a person.
    min_retention : float
        Share of the stores of both versions that keep their cluster, in every category.
    min_stable_share : float
        Share of the clusters that are found again, in every category.
    max_quarantined_share : float
        Share of the sales rows that are not used.
    """

    automatic: bool = True
    min_retention: float = 0.0
    min_stable_share: float = 0.0
    max_quarantined_share: float = 1.0

    def find_unmet(self, run: Reader) -> list[str]:
        """Return what ``run`` does not meet: a line each, with the worst category."""
        return [
            *_say(
                run.read(RETENTION, [self.min_retention]),
                "{retention:.0%} of the stores of {category} keep their cluster,"
                f" wanted {self.min_retention:.0%}",
            ),
            *_say(
                run.read(STABLE, [self.min_stable_share]),
                "{stable_share:.0%} of the clusters of {category} are found again,"
                f" wanted {self.min_stable_share:.0%}",
            ),
            *_say(
                run.read(QUARANTINED, [self.max_quarantined_share]),
                "{quarantined_share:.1%} of the sales rows are quarantined,"
                f" wanted at most {self.max_quarantined_share:.1%}",
            ),
        ]


def _say(found: pd.DataFrame, words: str) -> list[str]:
    if found.empty:
        return []
    more = len(found) - 1
    return [words.format(**found.iloc[0]) + f" (and {more} more)" * bool(more)]
