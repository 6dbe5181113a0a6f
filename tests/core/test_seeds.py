"""Seeds that dbt could not read."""

import pytest

from clustering.core.errors import InputError
from clustering.core.seeds import check_seeds


def test_the_seeds_of_the_project_can_be_read():
    check_seeds()


def test_a_comma_too_many_is_told_with_its_line(tmp_path):
    file = tmp_path / "store_corrections.csv"
    file.write_text(
        'store_id,action,reason\n1,move,"by the gate,\nthe planners say"\n2,lock\n'
    )
    check_seeds(tmp_path)
    with file.open("a") as lines:
        lines.write("3,move,by the gate, north\n")
    with pytest.raises(InputError) as error:
        check_seeds(tmp_path)
    assert str(error.value) == (
        "seeds/store_corrections.csv, line 5: 4 values, expected 3:"
        ' store_id,action,reason; a text that has a comma in it goes between "quotes"'
    )
