"""Outlines of areas: what is drawn below the stores of a map."""

import pytest

from clustering.presentation.outlines import Extent, outlines

IOWA = Extent(-96.6, 40.4, -90.2, 43.5)
DES_MOINES = Extent(-93.7, 41.5, -93.5, 41.7)
GERMANY = Extent(6.0, 47.5, 15.0, 55.0)


def test_iowa_has_the_borders_of_states_and_counties():
    lines = outlines(IOWA)
    assert {"state", "county"} <= set(lines["kind"])
    # Iowa's northern border is a parallel
    border = lines[(lines["kind"] == "state") & lines["y"].between(43.49, 43.51)]
    assert border["x"].min() < -96
    assert border["x"].max() > -91.5


@pytest.mark.parametrize("extent", [IOWA, DES_MOINES, GERMANY])
def test_outlines_are_those_in_and_around_the_extent(extent):
    lines = outlines(extent)
    wide = extent.widen(0.5)
    first = lines.groupby("line")[["x", "y"]].agg(["min", "max"])
    assert (first["x", "min"] <= wide.east).all()
    assert (first["x", "max"] >= wide.west).all()
    assert (first["y", "min"] <= wide.north).all()
    assert (first["y", "max"] >= wide.south).all()
    assert len(lines) < 20_000


def test_elsewhere_there_are_countries_alone():
    assert set(outlines(GERMANY)["kind"]) == {"country"}


def test_a_whole_country_is_without_its_counties():
    assert set(outlines(Extent(-120, 28, -70, 48))["kind"]) == {"country", "state"}


def test_in_the_middle_of_a_sea_there_is_nothing():
    assert outlines(Extent(-30.0, -30.0, -29.5, -29.5)).empty
