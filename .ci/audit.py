"""Audit code, files and packages: `make audit`.

Each check returns how much it looked at, and what it found. A check that looked at
nothing fails. Each finding has to be explained in `.ci/audit.toml`, which is checked as
well: an explanation that is out of date, or explains nothing, fails.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TOOLS = PROJECT / "build" / "audit" / "bin"
SBOM = PROJECT / "build" / "sbom.json"
LOCK = PROJECT / "locks" / "dev.txt"
CODE = ("clustering", "ml", "dags", "docs", "benchmarks", ".ci")
# Secrets are not in these: hashes of packages, and pictures.
NO_SECRETS = ("locks/*", "*.png", "*.svg", "*.parquet")
LICENCES = re.compile(
    r"\b(MIT|MIT-CMU|BSD|[0-3]-Clause|Apache|ISC|PSF|Python Software Foundation|MPL"
    r"|Mozilla|Unlicense|zlib|HPND|CC0|0BSD|LGPL|Lesser)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """What a check found: a code, and where."""

    check: str
    code: str
    where: str


@dataclass(frozen=True)
class Explained:
    """An entry of `.ci/audit.toml`; `where` may be a pattern."""

    check: str
    code: str
    where: str
    reason: str
    until: date

    def explains(self, finding: Finding) -> bool:
        """Whether it is about this finding."""
        same = (self.check, self.code) == (finding.check, finding.code)
        return same and fnmatchcase(finding.where, self.where)


Looked = tuple[int, list[Finding]]


def main() -> int:
    """Run the checks, print what came of them, and return 1 if anything is left."""
    parser = argparse.ArgumentParser(description="Audit code, files and packages.")
    parser.add_argument(
        "--without",
        nargs="*",
        default=[],
        choices=list(CHECKS),
        help="checks to leave out, such as advisories where there is no internet",
    )
    without = parser.parse_args().without
    every = read_explained(PROJECT / ".ci" / "audit.toml")
    problems: list[str] = []
    used: set[Explained] = set()
    for name, look in CHECKS.items():
        if name in without:
            say(f"{name}: left out")
            continue
        looked_at, findings = look()
        left = [one for one in findings if not explain(one, every, used)]
        say(f"{name}: {looked_at:,} looked at, {len(findings)} found, {len(left)} left")
        problems += [f"{name}: {one.code} in {one.where}" for one in left]
        if not looked_at:
            problems.append(f"{name}: nothing was looked at, so nothing is known")
    problems += outdated(every, used, without, today=datetime.now(UTC).date())
    for problem in problems:
        say(f"  {problem}")
    return int(bool(problems))


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def read_explained(file: Path) -> list[Explained]:
    """Return the entries of the file of explanations."""
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return [Explained(**entry) for entry in content["explained"]]


def explain(finding: Finding, every: Iterable[Explained], used: set[Explained]) -> bool:
    """Whether an entry explains a finding; note which."""
    found = {one for one in every if one.explains(finding)}
    used |= found
    return bool(found)


def outdated(
    every: Iterable[Explained],
    used: set[Explained],
    without: Iterable[str],
    *,
    today: date,
) -> list[str]:
    """Return what is wrong with the explanations themselves."""
    asked = [one for one in every if one.check not in without]
    return [
        *(f"audit.toml: explains nothing: {one}" for one in asked if one not in used),
        *(
            f"audit.toml: look again, its day has come: {one}"
            for one in every
            if one.until < today
        ),
        *(f"audit.toml: no reason: {one}" for one in every if not one.reason.strip()),
    ]


def audit_code() -> Looked:
    """Run bandit on all code but tests."""
    found = read_json("bandit", "--quiet", "--recursive", *CODE, "--format", "json")
    findings = [
        Finding("code", one["test_id"], one["filename"].removeprefix("./"))
        for one in found["results"]
    ]
    return int(found["metrics"]["_totals"]["loc"]), findings


def audit_secrets() -> Looked:
    """Scan all files that git knows for secrets."""
    listed = run("git", "ls-files").stdout.splitlines()
    files = [
        name
        for name in listed
        if not any(fnmatchcase(name, pattern) for pattern in NO_SECRETS)
    ]
    found = read_json("detect-secrets", "scan", "--no-verify", *files)
    findings = [
        Finding("secrets", one["type"], name)
        for name, ones in found["results"].items()
        for one in ones
    ]
    return len(files), findings


def audit_licences() -> Looked:
    """Read the licence of each installed package that the lock names."""
    packages = [metadata.distribution(name) for name in locked() & installed()]
    findings = [
        Finding("licences", licence_of(one) or "none", one.name)
        for one in packages
        if not LICENCES.search(licence_of(one))
    ]
    return len(packages), findings


def licence_of(package: metadata.Distribution) -> str:
    """Return the licence that a package states, in a line."""
    about = package.metadata
    classified = [
        one.rpartition(" :: ")[2]
        for one in about.get_all("Classifier") or []
        if one.startswith("License ::")
    ]
    stated = about.get("License-Expression") or ", ".join(classified)
    return (stated or about.get("License") or "").strip().partition("\n")[0][:80]


def audit_sbom() -> Looked:
    """Write the bill of materials by CycloneDX; each locked package has to be in it."""
    SBOM.parent.mkdir(exist_ok=True)
    python = str(PROJECT / ".venv" / "bin" / "python")
    run(str(TOOLS / "cyclonedx-py"), "environment", python, "-o", str(SBOM))
    content = json.loads(SBOM.read_text(encoding="utf-8"))
    there = {normal(one["name"]) for one in content.get("components", [])}
    missing = sorted((locked() & installed()) - there)
    return len(there), [Finding("sbom", "missing", name) for name in missing]


def audit_advisories() -> Looked:
    """Look every locked package up in the advisory database of PyPI."""
    done = run(
        *(str(TOOLS / "pip-audit"), "--requirement", str(LOCK), "--disable-pip"),
        *("--require-hashes", "--format", "json", "--progress-spinner", "off"),
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return 0, []
    audited = [one for one in packages if "vulns" in one]
    skipped = [one["name"] for one in packages if "vulns" not in one]
    found = [
        Finding("advisories", v["id"], p["name"]) for p in audited for v in p["vulns"]
    ]
    return len(audited), found + [
        Finding("advisories", "not looked up", name) for name in skipped if audited
    ]


def locked() -> set[str]:
    """Return the packages that the lock names."""
    text = LOCK.read_text(encoding="utf-8")
    return {normal(name) for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}


def installed() -> set[str]:
    """Return the packages that are installed here."""
    return {normal(one.name) for one in metadata.distributions()}


def normal(name: str) -> str:
    """Return a package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_json(tool: str, *arguments: str) -> dict:
    """Run a tool, and return the JSON that it prints."""
    return json.loads(run(str(TOOLS / tool), *arguments, check=False).stdout)


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command in the project."""
    return subprocess.run(
        command, cwd=PROJECT, check=check, capture_output=True, text=True
    )


CHECKS: dict[str, Callable[[], Looked]] = {
    "code": audit_code,
    "secrets": audit_secrets,
    "licences": audit_licences,
    "sbom": audit_sbom,
    "advisories": audit_advisories,
}

if __name__ == "__main__":
    sys.exit(main())
