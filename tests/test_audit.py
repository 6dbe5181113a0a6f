"""The audit: a check that looked at nothing fails, and so does a bad explanation."""

import importlib.util
from datetime import date

import pytest

from clustering.core.paths import PROJECT

SPEC = importlib.util.spec_from_file_location("audit", PROJECT / ".ci" / "audit.py")
audit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)

TODAY = date(2026, 12, 1)
ENTRY = {
    "check": "code",
    "code": "B1",
    "where": "a/*",
    "reason": "because",
    "until": date(2027, 1, 1),
}


def run(monkeypatch, checks, entries=(), *, without=()) -> tuple[int, str]:
    said = []
    explained = [audit.Explained(**ENTRY | entry) for entry in entries]
    monkeypatch.setattr(audit, "CHECKS", checks)
    monkeypatch.setattr(audit, "read_explained", lambda _: explained)
    monkeypatch.setattr(audit, "say", said.append)
    options = ["--without", *without] if without else []
    monkeypatch.setattr("sys.argv", ["audit", *options])
    return audit.main(), "\n".join(said)


def found(*places: str):
    return lambda: (10, [audit.Finding("code", "B1", place) for place in places])


def test_findings_fail_unless_they_are_explained(monkeypatch):
    code, said = run(monkeypatch, {"code": found("a/b.py", "c.py")}, [{}])
    assert code == 1
    assert "code: 10 looked at, 2 found, 1 left" in said
    assert "code: B1 in c.py" in said
    code, _ = run(monkeypatch, {"code": found("a/b.py")}, [{}])
    assert code == 0


def test_a_check_that_looked_at_nothing_fails(monkeypatch):
    code, said = run(monkeypatch, {"code": lambda: (0, [])})
    assert code == 1
    assert "nothing was looked at" in said
    code, said = run(monkeypatch, {"code": lambda: (0, [])}, without=["code"])
    assert code == 0
    assert said == "code: left out"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"where": "z"}, "explains nothing"),
        ({"until": date(2020, 1, 1)}, "its day has come"),
        ({"reason": " "}, "no reason"),
    ],
)
def test_explanations_are_checked(monkeypatch, entry, says):
    code, said = run(monkeypatch, {"code": found("a/b.py")}, [{}, entry])
    assert code == 1
    assert says in said


def test_explanations_of_the_project_can_be_read_and_are_in_force():
    every = audit.read_explained(PROJECT / ".ci" / "audit.toml")
    assert {one.check for one in every} <= set(audit.CHECKS)
    assert all(len(one.reason) > 10 for one in every)


def test_every_locked_package_here_has_a_licence_or_an_explanation():
    every = audit.read_explained(PROJECT / ".ci" / "audit.toml")
    looked_at, findings = audit.audit_licences()
    assert looked_at > 200
    assert [one for one in findings if not audit.explain(one, every, set())] == []
