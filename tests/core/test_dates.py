"""What texts are that are not dates as they should be."""

import pytest

from clustering.core.input.dates import explain_dates


@pytest.mark.parametrize(
    ("texts", "kind", "remedy"),
    [
        (["31.01.2025", "28.02.2025"], "written as %d.%m.%Y", "dates: '%d.%m.%Y'"),
        (["01/02/2025"], "written as %d/%m/%Y", "if that is how they are meant"),
        (["2025-Q1", "2025 q2", "H1/2025"], "a quarter or a half of a year", "first"),
        (["W07/2025", "w8-2025"], "a week without its day", "first day"),
        (["1735689600", "1735689600000"], "seconds since 1970", "YYYY-MM-DD"),
        (["45658", "45658.5"], "the number of a day, as in a spreadsheet", "first"),
        (["soon", "31.01.2025"], "", "correct those values"),
        (["20251399"], "", "correct those values"),
    ],
)
def test_the_likely_cause_and_its_remedy_are_said(texts, kind, remedy):
    found, said = explain_dates(texts)
    assert found == kind
    assert remedy in said
