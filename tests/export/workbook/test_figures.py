"""The figures that a workbook is made from."""

import duckdb
import pytest

from clustering.core.errors import CommandError
from clustering.queries.workbook import read_figures


def test_only_rows_of_the_category_are_read(small_run, category):
    figures = read_figures(small_run, category)
    for table in (figures.stores, figures.sales, figures.profiles, figures.clusters):
        assert set(table["category"]) == {category}


@pytest.mark.parametrize("table", ["cluster_sales", "corrections"])
def test_a_run_without_the_table_is_rejected(odd_run, category, table):
    with duckdb.connect(str(odd_run.database)) as connection:
        connection.execute(f"drop table {table}")
    with pytest.raises(CommandError, match=f"no table {table}") as error:
        read_figures(odd_run, category)
    assert odd_run.name in str(error.value)


def test_a_run_whose_profiles_have_no_words_is_rejected(odd_run, category):
    with duckdb.connect(str(odd_run.database)) as connection:
        connection.execute("alter table cluster_profiles drop column comparison")
    with pytest.raises(CommandError, match="no column comparison"):
        read_figures(odd_run, category)
