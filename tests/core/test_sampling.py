"""A large csv is sampled by whole lines, and read whole where something is wrong."""

from pathlib import Path

import pytest

from clustering.core.contract import Files
from clustering.core.errors import InputError
from clustering.core.input import open_input
from clustering.core.input.sampling import PART_BYTES, PARTS, sample_of
from clustering.core.paths import DBT_PROJECT

HEADER = "STORE_NBR,SKU_NBR,CAT_DSC,TOTAL_SALES\n"
LINES = [
    f"{n % 90:04},{'ab'[n % 2]},GIN,{n % 7 + 1}.{n:08}\n"
    for n in range(8 * PART_BYTES // 20)
]
LARGE = PART_BYTES


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "internal_sales.csv").write_text(HEADER + "".join(LINES))
    (tmp_path / "need_state.csv").write_text(
        "PRODUCT_ID,CATEGORY,NEED_STATE\na,GIN,DRY\nb,GIN,SLOE\n"
    )
    stores = "".join(f"{n:04},{n * n}\n" for n in range(90))
    (tmp_path / "store_attributes.csv").write_text(f"STORE_NBR,RENT\n{stores}")
    return tmp_path


def files_of(*paths: Path) -> Files:
    return Files("sales", tuple(map(str, paths)), "csv")


def test_lines_of_all_parts_are_taken_whole_and_once(tmp_path):
    names = [tmp_path / f"part{n}.csv" for n in range(2 * PARTS)]
    for name in names:
        name.write_text(HEADER + "".join(LINES[:50]))
    whole = [tmp_path / "whole.csv"]
    whole[0].write_text(HEADER + "".join(LINES))
    for paths in (names, whole):
        folder = tmp_path / "copies"
        sampled, times = sample_of(files_of(*paths), large=1, folder=folder)
        assert times == pytest.approx(1)  # no file has more than its parts
        for path, copy in zip(paths, sampled.paths, strict=True):
            assert Path(copy).read_text() == path.read_text()
            assert sampled.original(copy) == str(path)


def test_what_is_small_or_compressed_is_read_whole(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(HEADER)
    assert sample_of(files_of(file)) is None
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(b"x" * 100)
    assert sample_of(files_of(packed), large=1) is None


def test_a_report_of_some_lines_says_so_and_counts_all(raw, monkeypatch):
    monkeypatch.setattr("clustering.core.input.sampling.PARTS", 4)
    opened = open_input(DBT_PROJECT, sample_above=LARGE)
    sales, *_ = opened.tables
    assert sales.row_count == pytest.approx(len(LINES), rel=0.01)
    [note] = [note for note in opened.notes if note.text.startswith("sampled")]
    assert note.table == "internal_sales"
    assert [join.missing_count for join in opened.coverages] == [0, 0, 0]


def test_a_mistake_in_the_sample_is_in_the_users_own_file(raw):
    lines = [*LINES]
    lines[1] = "0001,a,GIN,oops\n"
    (raw / "internal_sales.csv").write_text(HEADER + "".join(lines))
    with pytest.raises(InputError, match=r"column TOTAL_SALES has 'oops'"):
        open_input(DBT_PROJECT, sample_above=LARGE)


def test_where_lines_are_cut_within_quotes_all_are_read(raw, monkeypatch):
    monkeypatch.setattr("clustering.core.input.sampling.PARTS", 4)
    rows = [line.rstrip() + ',"a,\nb,c,d,\n\n"\n' for line in LINES]
    text = HEADER.rstrip() + ",NOTE\n" + "".join(rows)
    (raw / "internal_sales.csv").write_text(text)
    opened = open_input(DBT_PROJECT, sample_above=LARGE)
    assert opened.tables[0].row_count == len(LINES)
