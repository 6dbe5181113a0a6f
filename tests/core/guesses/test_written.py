"""How numbers, dates and periods are written, seen from examples."""

import pytest

from clustering.core.input.guesses.names import likeness
from clustering.core.input.guesses.wide import find_wide
from clustering.core.input.guesses.written import look_at


@pytest.mark.parametrize(
    ("values", "kind", "decimal", "thousands"),
    [
        (["12", "7.5", "1e3"], "number", ".", ""),
        (["1,234.50", "12"], "number", ".", ","),
        (["1.234,50", "0,75"], "number", ",", "."),
        (["0,75", "12"], "number", ",", ""),
        (["0042", "0043"], "text", ".", ""),
        (["12", "twelve"], "text", ".", ""),
    ],
)
def test_numbers(values, kind, decimal, thousands):
    found = look_at(values)
    assert (found.kind, found.decimal, found.thousands) == (kind, decimal, thousands)


def test_signs_and_words_are_set_apart():
    assert look_at(["$1,234.50", "$12"]).currency == "$"
    assert look_at(["2.4%", "17%", "n/a"])[5:7] == (True, ("n/a",))


def test_a_few_mistakes_among_numbers_do_not_make_them_texts():
    assert look_at([*map(str, range(1000)), "total"]).kind == "number"


@pytest.mark.parametrize(
    ("values", "dates", "is_sure"),
    [
        (["2025-01-31", "2025-02-07"], None, True),
        (["2025-01-31 13:05:00"], None, True),
        (["31/01/2025", "07/02/2025"], "%d/%m/%Y", True),
        (["01/31/2025", "02/07/2025"], "%m/%d/%Y", True),
        (["01/02/2025", "02/02/2025", "03/02/2025"], "%d/%m/%Y", False),
        (["31.01.2025"], "%d.%m.%Y", True),
        (["20250131", "20250207"], "%Y%m%d", True),
        (["31-Jan-25"], "%d-%b-%y", True),
        (["31/01/2025 13:05"], "%d/%m/%Y %H:%M", True),
        (["2025-W01", "2025-W52"], "%G-W%V", True),
    ],
)
def test_dates(values, dates, is_sure):
    found = look_at(values)
    assert (found.kind, found.dates, found.is_sure) == ("date", dates, is_sure)


def test_eight_digits_that_are_no_days_are_numbers():
    assert look_at(["20250131", "20251399"]).kind == "number"


@pytest.mark.parametrize(
    ("names", "written"),
    [
        (["2025-01-06", "2025-01-13", "2025-01-20"], "%Y-%m-%d"),
        (["06/01/2025", "13/01/2025", "20/01/2025"], "%d/%m/%Y"),
        (["1/6/2025", "1/13/2025", "1/20/2025"], "%m/%d/%Y"),
        (["2025-W02", "2025-W03", "2025-W04"], "%G-W%V"),
        (["06 Jan 2025", "13 Jan 2025", "20 Jan 2025"], "%d %b %Y"),
        (["6-January-2025", "13-January-2025", "3-February-2025"], "%d-%B-%Y"),
        (["net Jan-25", "net Feb-25", "net Mar-25"], "net %b-%y"),
        (["wk_202501", "wk_202502", "wk_202513"], "wk_%G%V"),
        (["202501", "202502", "202503"], "%Y%m"),
        (["Jan 2025", "Feb 2025", "Mar 2025"], "%b %Y"),
        (["Week 1", "Week 2", "Week 3"], "Week {n}"),
        (["UNITS_W1", "UNITS_W2", "UNITS_W3", "SALES_W1", "SALES_W2", "SALES_W3"],
         "SALES_W{n}"),
    ],
)  # fmt: skip
def test_columns_that_are_periods(names, written):
    found = find_wide([*names, "rank"])
    assert found.melt.names == written
    assert len(found.names) == 3


@pytest.mark.parametrize(
    "names", [["N_OUTLETS_1KM", "N_OUTLETS_3KM"], ["ATTR_1", "ATTR_2", "ATTR_3"], []]
)
def test_other_numbers_in_names_are_no_periods(names):
    assert find_wide(names) is None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("STORE_NBR", "store"), ("Shop No", "store"), ("outletCode", "store"),
        ("SKU_NBR", "product"), ("ean", "product"), ("Item", "product"),
        ("CAT_DSC", "category"), ("Department", "category"),
        ("sub_category", "need"), ("NEED_STATE", "need"), ("Segment", "need"),
        ("Net Sales", "sales"), ("amount", "sales"), ("qty", "units"),
        ("PERIOD_START", "period"), ("lat", "latitude"), ("lng", "longitude"),
    ],
)  # fmt: skip
def test_usual_names_say_their_role_and_no_other(name, role):
    assert likeness(name, role) == 1
    others = {"store", "product", "category", "need", "sales", "units", "period"}
    assert not any(likeness(name, other) for other in others - {role})
