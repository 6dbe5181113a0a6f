"""Seeds: an invalid row is one clear line, with its file and line."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from clustering.core.clock import today
from clustering.core.errors import InputError
from clustering.core.paths import DBT_PROJECT
from clustering.core.seeds import check_seeds
from clustering.core.seeds.corrections import SEEDS, find_problems
from clustering.core.seeds.tables import read_seed
from tests.dbt.corrections import HEADERS, write_corrections

WHY = "agreed,Kim,"
YESTERDAY = today() - timedelta(days=1)

# Each row that is wrong, with what is said of it.
WRONG = {
    "store_corrections": [
        (f"1,A,mvoe,3,{WHY}", "action 'mvoe' is unknown, expected one of: lock, move"),
        ("2,A,lock,,,Kim,", "reason is missing"),
        (f"3,,lock,,{WHY}", "category is missing"),
        (f",A,lock,,{WHY}", "store_id is missing"),
        (f"5,A,move,,{WHY}", "cluster_id is missing"),
        (f"6,A,move,-1,{WHY}", "cluster_id '-1' is no number of a cluster"),
        (f"6,B,move,9999999999,{WHY}", "cluster_id '9999999999' is no number of a clu"),
        (f"7,A,move,3,{WHY}", None),
        (f"7,A,lock,,{WHY}", "it decides what line 9 decides (A, store 7)"),
        (f"7,B,lock,,{WHY}", None),
        (f"8,A,move,3,agreed,Kim,{YESTERDAY}", None),
        (f"8,A,lock,,{WHY}", None),
    ],
    "excluded_stores": [
        ('1,A,closed,"  ",', "author is missing"),
        (f"2,A,{WHY}", None),
        (f"2,A,{WHY}", "it decides what line 3 decides (A, store 2)"),
    ],
    "fixed_k": [
        ("A,internal,3,agreed,Kim,31/12/2027", "expires_on '31/12/2027' is no date"),
        (f"A,both,3,{WHY}", "side 'both' is unknown, expected one of: external, final"),
        (f"B,internal,2.5,{WHY}", "k '2.5' is no whole number from 1 up"),
        (f"C,internal,,{WHY}", "k is missing"),
        (f"D,internal,3,{WHY}", None),
        (f"D,internal,4,{WHY}", "it decides what line 6 decides (D, internal)"),
        (f"D,external,4,agreed,Kim,{date.max}", None),
    ],
    "cluster_corrections": [
        (f"A,3,,x,{WHY}", "action (empty) is unknown, expected one of: flagship, inac"),
        (f"A,big,flagship,,{WHY}", "cluster_id 'big' is no number of a cluster"),
        (f"A,3,name,,{WHY}", "value is missing: the name"),
        (f"A,4,merge,four,{WHY}", "value 'four' is no whole number from 1 up"),
        (f"A,5,inactive,yes,{WHY}", "value 'yes' means nothing to inactive"),
        (f"A,5,flagship,,{WHY}", "it decides what line 6 decides (A, cluster 5)"),
        (f"B,1,merge,1,{WHY}", "cluster 1 of B is merged into itself, or in a circle"),
        (f"B,2,merge,3,{WHY}", None),
        (f"B,2,merge,4,{WHY}", "it decides what line 9 decides (B, cluster 2)"),
        (f"C,4,merge,1,{WHY}", None),
        (f"C,1,merge,2,{WHY}", "cluster 1 of C is merged into itself, or in a circle"),
        (f"C,2,merge,1,{WHY}", "cluster 2 of C is merged into itself, or in a circle"),
        (f"D,1,merge,2,agreed,Kim,{YESTERDAY}", None),
        (f"D,2,merge,1,{WHY}", None),
        (f"D,3,name,City,{WHY}", None),
        (f"D,4,name,City,{WHY}", "name 'City' is that of line 16, too"),
        (f"E,4,name,City,{WHY}", None),
    ],
}


def test_the_seeds_of_the_project_can_be_read():
    check_seeds()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project that has the seeds alone."""
    shutil.copytree(DBT_PROJECT / "seeds", tmp_path / "seeds")
    return tmp_path


def refusal(project: Path, **given: list[str]) -> str:
    """Return the line that says what is wrong with the seeds."""
    with pytest.raises(InputError) as error:
        check_seeds(project, volume_bands=["S", "M", "L"], **given)
    return str(error.value)


def test_a_comma_too_many_is_told_with_its_line(tmp_path):
    file = tmp_path / "seeds" / "split_rules.csv"
    file.parent.mkdir()
    file.write_text(
        'store_id,action,reason\n1,move,"by the gate,\nthe planners say"\n2,lock\n'
    )
    check_seeds(tmp_path)
    with file.open("a") as lines:
        lines.write("3,move,by the gate, north\n")
    with pytest.raises(InputError) as error:
        check_seeds(tmp_path)
    assert str(error.value) == (
        "seeds/split_rules.csv, line 5: 4 values, expected 3:"
        ' store_id,action,reason; a text that has a comma in it goes between "quotes"'
    )


def test_every_correction_that_is_wrong_is_told_and_no_other(project):
    rows = {seed: [row for row, _ in wrong] for seed, wrong in WRONG.items()}
    write_corrections(project, **rows)
    seeds = [read_seed(project / "seeds" / f"{name}.csv") for name in SEEDS]
    found = {
        (seed.name, problem.line): problem.what
        for seed, problem in find_problems(seeds)
    }
    for seed, wrong in WRONG.items():
        for line, (row, says) in enumerate(wrong, start=2):
            problem = found.pop((seed, line), None)
            assert (problem or "").startswith(says or ""), (row, problem)
            assert (problem is None) == (says is None), (row, problem)
    assert not found


def test_the_first_wrong_correction_is_told_with_its_line_and_what_helps(project):
    write_corrections(
        project,
        excluded_stores=[f"0042,COFFEE,{WHY}"],
        store_corrections=["0042,COFFEE,lock,,agreed,Kim,soon", "0043,TEA,,,,,"],
    )
    assert refusal(project) == (
        "seeds/store_corrections.csv: line 2: expires_on 'soon' is no date; write it"
        " like 2027-01-31, or leave it empty: it holds until it is removed"
    )


def test_every_seed_of_corrections_has_the_header_that_tests_write():
    assert set(SEEDS) == set(HEADERS)


@pytest.mark.parametrize(
    ("seed", "header", "says"),
    [
        (
            "excluded_stores",
            "store_id,category,note",
            "column reason is missing, found store_id, category, note; the header is"
            " store_id,category,reason,author,expires_on",
        ),
        ("feature_labels", "feature,label", "column category is missing, found"),
        ("volume_bands", "category,band", "column from_sales is missing, found"),
    ],
)
def test_a_seed_without_a_column_is_one_clear_line(project, seed, header, says):
    (project / "seeds" / f"{seed}.csv").write_text(f"{header}\n")
    assert refusal(project).startswith(f"seeds/{seed}.csv: {says}")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",,income,,,,", "feature is missing; name a column or need state"),
        ("INC,,,,,,", "label of INC is missing; say what it is called"),
        ("inc,GIN,income,,,,", "inc, GIN is in line 2, too; keep one of the two"),
        (
            "INC,,income,,,,maybe",
            "lower_is_better 'maybe' is unknown, expected one of: false, true; leave",
        ),
        (
            "INC,,income,,,where the well-to-do people live,",
            "word 'where the well-to-do people live' has 32 characters, expected at"
            " most 25; names of clusters have 40 in all",
        ),
    ],
)
def test_a_label_that_cannot_be_meant_is_one_clear_line(project, row, says):
    file = project / "seeds" / "feature_labels.csv"
    header = file.read_text().splitlines()[0]
    file.write_text(f"{header}\nINC,GIN,income of drinkers,$,,,false\n{row}\n")
    assert refusal(project).startswith(f"seeds/feature_labels.csv: line 3: {says}")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (",XL,0", "band 'XL' is unknown, expected one of: L, M, S; correct or remove"),
        (",,0", "band '' is unknown, expected one of: L, M, S; correct or remove"),
        (
            ",S,few",
            "line 2: got from_sales 'few' for all categories, S, expected a number from"
            " 0 up; correct or remove that row",
        ),
        (
            "COFFEE,S,0\nCOFFEE,M,-1",
            "line 3: got from_sales '-1' for COFFEE, M, expected a number from 0 up",
        ),
        (
            ",S,0\n,L,10\n,L,20",
            "line 4: all categories, L is in line 3, too; keep one of the two",
        ),
        (
            "COFFEE,S,0\n,S,0\nCOFFEE,M,0.0",
            "line 4: from_sales 0.0 of COFFEE is in line 2, too; keep one of the two",
        ),
        (
            ",S,0\nCOFFEE,L,50",
            "line 3: the lowest band of COFFEE is from 50.0000, expected 0; every store"
            " that sells has a band",
        ),
    ],
)
def test_a_band_that_cannot_be_meant_is_one_clear_line(project, rows, says):
    file = project / "seeds" / "volume_bands.csv"
    file.write_text(f"category,band,from_sales\n{rows}\n")
    assert refusal(project).startswith(f"seeds/volume_bands.csv: {says}")
    check_seeds(project, volume_bands=[])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"area": "shelf"}, "area 'shelf' is unknown, expected one of: assortment, "),
        ({"measure": "sale"}, "measure 'sale' is unknown, expected one of: external_"),
        ({"comparison": ">"}, "comparison '>' is unknown, expected one of: above, "),
        (
            {"text": "As {neares}."},
            "placeholder '{neares}' is unknown, expected one of: {average}, {feature}",
        ),
    ],
)
def test_a_rule_that_cannot_be_followed_is_one_clear_line(project, values, says):
    file = project / "seeds" / "recommendation_rules.csv"
    header = file.read_text().splitlines()[0]
    given = {
        "area": "space",
        "measure": "sales_index",
        "comparison": "at_least",
        "text": "More: {here}.",
    } | values
    rule = "more,{area},1,{measure},,{comparison},100,,1,{text}\n".format(**given)
    file.write_text(f"{header}\n{rule}")
    assert refusal(project).startswith(f"seeds/recommendation_rules.csv: {says}")


def write(project: Path, seed: str, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    (project / "seeds" / f"{seed}.csv").write_bytes(data)


def test_blank_lines_and_spaces_are_nothing_as_they_are_to_duckdb(project):
    """Nor is a blank line counted: the mart corrections does not."""
    header = HEADERS["cluster_corrections"]
    good = f"\ufeff{header}\r\n\r\n A ,1,inactive,,w,k,\r\n"
    write(project, "cluster_corrections", good)
    check_seeds(project)
    bad = f"{header}\n\nA,1,inactive,,w,k,\n\nA,x,name,,,,\n"
    write(project, "cluster_corrections", bad)
    assert refusal(project).startswith("seeds/cluster_corrections.csv: line 3: author")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("A,1,inactive\t,,why,me,", r"action 'inactive\t' is unknown"),
        ("A,1,inactive,,why,me,null", "expires_on 'null' is no date"),
        ("A,1,inactive,,why,me,2027-01/31", "expires_on '2027-01/31' is no date"),
        ("A,1,inactive,,why,me,\u0662027-01-31", "expires_on '"),
        (f"A,{'9' * 5000},inactive,,why,me,", "cluster_id '999"),
        ("A,\u0661,inactive,,why,me,", "cluster_id '\u0661' is no number of a cluster"),
    ],
)
def test_what_duckdb_would_not_read_is_refused(project, row, says):
    write_corrections(project, cluster_corrections=[row])
    said = refusal(project)
    assert said.startswith(f"seeds/cluster_corrections.csv: line 2: {says}")
    assert "\n" not in said


@pytest.mark.parametrize(
    "sales", ["1e40", "9" * 35, "1e999999", "\u0661\u0662", "1__0", "nan"]
)
def test_sales_that_the_model_could_not_hold_are_refused(project, sales):
    write(project, "volume_bands", f"category,band,from_sales\n,S,0\n,L,{sales}\n")
    assert "line 3: got from_sales '" in refusal(project)


def test_limits_that_are_one_to_the_model_are_the_same(project):
    rows = ",S,0\n,M,100.00001\n,L,100.00002\n"
    write(project, "volume_bands", f"category,band,from_sales\n{rows}")
    said = "line 4: from_sales 100.00002 of all categories is in line 3, too"
    assert said in refusal(project)


def test_a_seed_that_is_not_utf_8_is_named(project):
    content = HEADERS["fixed_k"] + "\nGrün,internal,3,why,me,\n"
    write(project, "fixed_k", content.encode("cp1252"))
    said = "seeds/fixed_k.csv: it is not UTF-8; save it as CSV UTF-8"
    assert refusal(project) == said


def test_seeds_of_ones_own_and_capitals_in_a_header_are_no_matter(project):
    write(project, "mine", "a;b\n1,2;3\n")
    (project / "seeds" / "mine.yml").write_text("")
    write(project, "split_rules", "category,feature\nWINE,REGION\n")
    write(project, "volume_bands", "CATEGORY,Band,FROM_SALES\n,S,0\n,L,5\n")
    check_seeds(project, volume_bands=["S", "M", "L"])
