"""A few faults of each kind; `make faults` tries some four hundred."""

from pathlib import Path

import pytest

from clustering.store.runs import live_version
from tests.conftest import MakeOnce
from tests.faults.campaigns import CAMPAIGNS, Campaign
from tests.faults.ground import Ground, Tally, find_ground, look_as_reader

SMALL, SEED = 0, 1


@pytest.fixture(scope="module")
def good(make_once: MakeOnce) -> Ground:
    """Build what is broken."""
    return find_ground(make_once("faults", find_ground))


@pytest.mark.parametrize(
    "campaign",
    [one for one in CAMPAIGNS if one.sizes[SMALL]],
    ids=lambda campaign: campaign.name,
)
def test_nothing_is_lost(good: Ground, campaign: Campaign):
    tally = campaign.run(good, size=SMALL, seed=SEED)
    assert tally.problems == []
    assert tally.survived == tally.tried == campaign.sizes[SMALL]


def test_what_is_broken_is_noticed(good: Ground, tmp_path: Path):
    """A campaign that finds nothing has to be able to find something."""

    def break_it(ground: Ground, dice, tally: Tally) -> bool:
        live = live_version(ground.paths.published)
        (live.folder / "store_clusters.parquet").unlink()
        return look_as_reader(ground, tally)

    tally = Campaign("broken", (1, 1), break_it).run(good, size=SMALL, seed=SEED)
    assert (tally.tried, tally.survived, tally.mixed) == (1, 0, 1)
