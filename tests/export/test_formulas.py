"""Nothing in a CSV file is a formula for a spreadsheet."""

import pandas as pd
import pyarrow as pa
import pytest

from clustering.dashboard.tables import to_csv
from clustering.export.formulas import disarm, disarm_table


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('=HYPERLINK("http://site.example")', '\'=HYPERLINK("http://site.example")'),
        ("+1+1", "'+1+1"),
        ("-2+3", "'-2+3"),
        ("@sum(a1)", "'@sum(a1)"),
        ("\t=1", "'\t=1"),
        ("-5", "-5"),
        ("+1.5e3", "+1.5e3"),
        ("0001", "0001"),
        ("gin - dry", "gin - dry"),
        (None, None),
    ],
)
def test_formulas_get_a_quote_and_nothing_else_does(value, written):
    frame = pd.DataFrame({"name": [value, "RUM"], "sales": [-1.5, 2.0]})
    disarmed = disarm(frame)
    assert disarmed["name"].iloc[1] == "RUM"
    found = disarmed["name"].iloc[0]
    assert (None if pd.isna(found) else found) == written
    assert disarmed["sales"].tolist() == [-1.5, 2.0]

    table = pa.table(
        {"name": pa.array([value, "RUM"], pa.string()), "sales": [-1.5, 2]}
    )
    assert disarm_table(table).to_pydict() == {
        "name": [written, "RUM"],
        "sales": [-1.5, 2],
    }


def test_downloads_of_the_dashboard_have_none():
    text = to_csv(pd.DataFrame({"cluster_name": pd.Categorical(["=1+1"])}))
    assert text.decode("utf-8-sig").splitlines() == ["cluster_name", "'=1+1"]
