"""What a workbook is made from."""

import duckdb
import pytest

from cli.errors import CommandError
from serving.workbook.figures import read_figures


def test_only_rows_of_the_category_are_read(small_run, category):
    figures = read_figures(small_run, category)
    for table in (figures.stores, figures.sales, figures.profiles, figures.clusters):
        assert set(table["category"]) == {category}


def test_a_run_of_before_there_were_sales_by_cluster_is_refused(odd_run, category):
    with duckdb.connect(str(odd_run.database)) as connection:
        connection.execute("drop table cluster_sales")
    with pytest.raises(CommandError, match="no table cluster_sales") as error:
        read_figures(odd_run, category)
    assert odd_run.name in str(error.value)
