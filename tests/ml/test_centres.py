"""Centres: where the clusters of a fit are."""

import numpy as np
import pandas as pd

from ml.centres import fit_centres, place, read_centres
from ml.joint import joint_space
from ml.settings import Weights
from tests.ml.test_pairs import CLUSTER, PLACE, forget, pair, sides_of

WEIGHTS = Weights(internal_weight=0.5, external_weight=0.5)


def fit(joint: pd.DataFrame) -> pd.DataFrame:
    """Return the centres; each merged cluster is a final one."""
    finals = pd.factorize(joint["merged_cluster"], sort=True)[0] + 1
    external = joint.rename(
        columns={"external_components": "components", "external_cluster": "cluster"}
    )
    return fit_centres(joint, joint.assign(raw_cluster=finals), external, WEIGHTS)


def test_a_centre_is_the_mean_of_the_stores_that_shaped_the_cluster():
    centres = read_centres(fit(pair(sides_of()))).of["internal"]
    assert centres.names.tolist() == [1, 2]
    expected = [PLACE[name == CLUSTER].mean(axis=0) for name in (1, 2)]
    np.testing.assert_allclose(centres.places, expected)


def test_stores_stand_as_far_apart_as_in_the_joint_space():
    joint = pair(forget(sides_of(), "external", 3, 20))
    X, placed = (
        joint_space(joint, WEIGHTS),
        place(joint, read_centres(fit(joint)).blocks),
    )
    np.testing.assert_allclose(placed, X, atol=1e-12)


def test_a_side_of_which_nothing_is_known_has_no_centre_and_no_say():
    joint = pair(forget(sides_of(), "external", *range(30)))
    fitted = read_centres(fit(joint))
    assert fitted.of["external"].is_empty
    assert place(joint, fitted.blocks).shape == (30, 2)
