"""Options: the error for an unknown setting."""

import pytest

from ml.options import chosen


def test_a_known_value_gives_its_choice() -> None:
    assert chosen("scaling", "none", {"robust": 1, "none": 0}) == 0


def test_a_choice_may_be_nothing() -> None:
    assert chosen("share_transform", "share", {"share": None}) is None


@pytest.mark.parametrize("value", ["Robust", "", None])
def test_an_unknown_value_is_refused_with_all_that_are_known(value: str) -> None:
    message = f"got scaling={value!r}, expected one of: robust, none"
    with pytest.raises(ValueError, match=message):
        chosen("scaling", value, {"robust": 1, "none": 0})
