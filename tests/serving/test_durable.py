"""Files that are put in place whole."""

from serving.durable import half_of, put_in_place


def test_a_file_is_replaced_by_its_half_which_is_gone_then(tmp_path):
    file = tmp_path / "versions.jsonl"
    file.write_text("before")
    half_of(file).write_text("after")
    assert file.read_text() == "before"
    put_in_place(file)
    assert file.read_text() == "after"
    assert list(tmp_path.iterdir()) == [file]
