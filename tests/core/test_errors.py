"""Error codes: one per class, and a line for each in docs/errors.md."""

import ast
import re
import resource

import pytest

from clustering.core import errors
from clustering.core.errors import CommandError, PipelineError
from clustering.core.paths import PROJECT
from tests.conftest import run_environment
from tests.forked import start_forked

CLASSES = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, CommandError)
]


def test_each_class_has_a_code_of_its_own():
    codes = [one.code for one in CLASSES]
    assert len(set(codes)) == len(codes)
    assert errors.UNEXPECTED not in codes


def test_the_page_explains_each_code_and_no_other():
    page = (PROJECT / "docs" / "errors.md").read_text()
    explained = re.findall(r"^\| (E\d+) \|", page, re.MULTILINE)
    assert explained == sorted([errors.UNEXPECTED, *(one.code for one in CLASSES)])


@pytest.mark.parametrize("kind", CLASSES)
def test_the_exit_code_is_the_first_digit(kind):
    assert kind("").exit_code == int(kind.code[1])
    assert (kind("").exit_code == 4) == issubclass(kind, PipelineError)


def test_too_little_memory_is_one_line_that_a_user_can_follow(small_folder, tmp_path):
    outputs = tmp_path / "stdout", tmp_path / "stderr"
    process = start_forked(
        ["clustering", "validate", "--raw", str(small_folder)],
        env=run_environment(tmp_path),
        cwd=PROJECT,
        outputs=outputs,
        limits={resource.RLIMIT_AS: 1},
    )
    process.join()
    [line] = outputs[1].read_text().splitlines()
    assert line.startswith("Error: not enough memory: ")
    assert "SET" not in line
    assert line.endswith("or of its container [E440]")
    assert process.exitcode == 4


def test_no_lack_of_memory_is_taken_for_an_invalid_file():
    """What handles every error of DuckDB leaves that one to who tells the remedy."""
    files = [*(PROJECT / "clustering").rglob("*.py"), *(PROJECT / "ml").rglob("*.py")]
    tries = [
        (file, [ast.unparse(handler.type) for handler in node.handlers if handler.type])
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Try)
    ]
    handled = [(file, types) for file, types in tries if "duckdb.Error" in types]
    assert handled
    for file, types in handled:
        before = types[: types.index("duckdb.Error")]
        assert "duckdb.OutOfMemoryException" in before, file
