"""The environments of configs/: what is read, and what is refused in one line."""

import re
from pathlib import Path

import pytest

from clustering.core import environments
from clustering.core.environments import Environment, environment_names
from clustering.core.errors import SettingsError
from clustering.core.paths import PROJECT


@pytest.fixture
def configs(tmp_path, monkeypatch) -> Path:
    """Read files of the test instead of those in configs/."""
    monkeypatch.setattr(environments, "CONFIGS", tmp_path)
    return tmp_path


def read(configs: Path, text: str) -> Environment:
    (configs / "here.yml").write_text(text)
    return Environment.read("here")


def secret(environment: Environment) -> str:
    return environment.publishing.postgres.get_secret_value()


def refusal(configs: Path, text: str) -> str:
    with pytest.raises(SettingsError) as error:
        read(configs, text)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.fixture(autouse=True)
def variables(monkeypatch) -> None:
    for name in ("DATA_DIR", "STAGING_DATA_DIR", "PROD_DATA_DIR", "ALERT_MAIL_TO"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_every_environment_of_the_project_can_be_read(name):
    assert name in environment_names()
    assert Environment.read(name).name == name


def test_an_environment_is_its_file_and_defaults(configs):
    found = read(configs, "data_dir: there\nalerts: {min_retention: 0.5}")
    assert found.alerts.min_retention == 0.5
    assert found.alerts.max_quarantined_share == 0.02
    assert found.alerts.max_days_since_last_sale is None
    assert found.alerts.mail_to == []
    assert found.schedules.full is None
    assert found.paths.data == PROJECT / "there"


def test_an_absolute_data_folder_stays(configs, tmp_path):
    assert read(configs, f"data_dir: {tmp_path}").paths.data == tmp_path


def test_an_unknown_environment_is_refused_with_those_there_are(configs):
    (configs / "here.yml").touch()
    with pytest.raises(
        SettingsError, match="no environment 'there' in configs; there are: here"
    ):
        Environment.read("there")


@pytest.mark.parametrize("name", ["../configs/dev", "dev.yml", ""])
def test_a_name_is_no_path(name):
    with pytest.raises(SettingsError, match="no environment"):
        Environment.read(name)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("data_dir: a\nalert: {}", "alert: no such key; did you mean alerts?"),
        (
            "data_dir: a\nalerts: {mail: []}",
            "alerts.mail: no such key; did you mean mail_to?",
        ),
        (
            "data_dir: a\nschedules: {weekly: x}",
            "schedules.weekly: no such key; known: internal, external, full",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(configs, text, says):
    assert refusal(configs, text) == f"here.yml: {says}"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "data_dir: Field required"),
        ("alerts: {min_retention: 2}", "alerts.min_retention: Input should be less"),
        (
            "alerts: {max_quarantined_share: few}",
            "alerts.max_quarantined_share: Input should be a valid number",
        ),
        (
            "alerts: {max_days_since_last_sale: 0}",
            "alerts.max_days_since_last_sale: Input should be greater than 0",
        ),
        (
            "alerts: {mail_to: ['a@b.c, somebody']}",
            "alerts.mail_to: got 'somebody', expected a mail address",
        ),
        ("arrivals: {seconds_stable: 0}", "arrivals.seconds_stable: Input should be"),
        ("schedules: {full: 3}", "schedules.full: Input should be a valid string"),
    ],
)
def test_a_value_that_cannot_be_is_refused(configs, text, where):
    text = f"data_dir: a\n{text}" if text else "alerts: {}"
    assert refusal(configs, text).startswith(f"here.yml: {where}")


def test_vars_are_those_of_dbt_project(configs):
    found = read(configs, "data_dir: a\nvars: {min_cluster_size: 20}")
    assert found.vars == {"min_cluster_size": 20}


def test_an_unknown_var_is_refused_with_the_nearest_known_one(configs):
    text = "data_dir: a\nvars: {min_cluster_sise: 20}"
    assert refusal(configs, text) == (
        "here.yml: vars: no setting 'min_cluster_sise'; did you mean min_cluster_size?"
    )


@pytest.mark.parametrize(
    ("value", "people"),
    [
        (None, ["all@example.com"]),
        ("", ["all@example.com"]),
        ("me@example.com", ["me@example.com"]),
        ("me@example.com, you@example.com", ["me@example.com", "you@example.com"]),
    ],
)
def test_a_variable_stands_in_for_its_default(configs, monkeypatch, value, people):
    if value is not None:
        monkeypatch.setenv("ALERT_MAIL_TO", value)
    text = "data_dir: a\nalerts: {mail_to: ['${ALERT_MAIL_TO:-all@example.com}']}"
    assert read(configs, text).alerts.mail_to == people


def test_a_variable_without_default_must_be_set(configs, monkeypatch):
    monkeypatch.delenv("SOME_FOLDER", raising=False)
    assert refusal(configs, "data_dir: ${SOME_FOLDER}") == (
        "here.yml: SOME_FOLDER is not set in the environment"
    )
    monkeypatch.setenv("SOME_FOLDER", "there")
    assert read(configs, "data_dir: ${SOME_FOLDER}").data_dir == PROJECT / "there"


@pytest.mark.parametrize(
    "password",
    [
        "a #1",
        "a: b",
        "{{ env_var('HOME') }}",
        "x\ntarget: check",
        "'\"",
        "[a",
        "&a *b",
        "%",
    ],
)
def test_what_a_variable_says_is_no_yaml(configs, monkeypatch, password):
    dsn = f"postgresql://me:{password}@host/stores"
    monkeypatch.setenv("SOME_DSN", dsn)
    text = "data_dir: a\npublishing: {postgres: '${SOME_DSN}'}"
    assert secret(read(configs, text)) == dsn
    text = "data_dir: a\npublishing:\n  postgres: ${SOME_DSN:-}"
    found = read(configs, text)
    assert secret(found) == dsn
    assert dsn not in repr(found)
    assert found.target == read(configs, "data_dir: a").target


def test_a_variable_without_quotes_may_be_a_number_or_nothing(configs, monkeypatch):
    monkeypatch.setenv("SOME_NUMBER", "7")
    text = "data_dir: a  # ${NEVER_SET}\npublishing:\n  keep_runs: ${SOME_NUMBER}"
    assert read(configs, text).publishing.keep_runs == 7
    empty = "data_dir: a\npublishing:\n  postgres: ${SOME_DSN:-}"
    assert read(configs, empty).publishing.postgres is None


def test_a_target_is_one_of_profiles_yml(configs):
    assert read(configs, "data_dir: a\ntarget: memory_optimized").name == "here"
    assert refusal(configs, "data_dir: a\ntarget: memory") == (
        "here.yml: target: no target 'memory'; known: dev, memory_optimized, check"
    )


def test_a_command_to_type_means_the_same_environment(tmp_path):
    assert Environment.read("dev").command("run") == "clustering run"
    assert Environment.read("prod").command("run") == "clustering run --env prod"
    file = tmp_path / "of mine.yml"
    file.write_text("data_dir: data\n")
    mine = Environment.read_file(file)
    assert mine.command("status") == f"clustering status --config '{file}'"


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"cannot read .*there.yml: .*No such file"):
        Environment.read_file(tmp_path / "there.yml")


def test_the_input_may_lie_apart(configs, tmp_path):
    text = f"data_dir: a\ninternal_data_dir: {tmp_path}\nexternal_data_dir: more"
    found = read(configs, text)
    assert found.paths.raw_folders == sorted([tmp_path, PROJECT / "more"])
    assert found.paths.variables["INTERNAL_DATA_DIR"] == str(tmp_path)


@pytest.mark.parametrize("text", ["data_dir: [a", "a: b: c"])
def test_a_file_that_is_no_yaml_is_refused(configs, text):
    assert re.match("here.yml: .*line [12]", refusal(configs, text))


@pytest.mark.parametrize("text", ["- data_dir", "data_dir"])
def test_a_file_without_keys_is_refused(configs, text):
    assert refusal(configs, text).startswith("here.yml: got a")


def test_raw_folders_are_those_of_the_variables_or_the_environments_own(
    configs, monkeypatch, tmp_path
):
    for name in ("INTERNAL_DATA_DIR", "EXTERNAL_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    found = read(configs, f"data_dir: {tmp_path}")
    assert found.paths.raw_folders == [tmp_path / "raw"]
    monkeypatch.setenv("EXTERNAL_DATA_DIR", str(tmp_path / "apart"))
    assert found.paths.raw_folders == [tmp_path / "apart", tmp_path / "raw"]


def test_an_environment_extends_another_section_by_section(configs):
    (configs / "base.yml").write_text(
        "data_dir: base\nalerts: {min_retention: 0.5, mail_to: [a@b.c]}\n"
        "schedules: {full: '0 5 1 * *'}"
    )
    found = read(configs, "extends: base\ndata_dir: own\nalerts: {mail_to: []}")
    assert (found.name, found.data_dir) == ("here", PROJECT / "own")
    assert found.alerts.min_retention == 0.5
    assert found.alerts.mail_to == []
    assert found.schedules.full == "0 5 1 * *"


def test_extending_what_is_not_there_names_the_nearest(configs):
    (configs / "base.yml").write_text("data_dir: base")
    said = refusal(configs, "extends: bsae\ndata_dir: own")
    assert said == "here.yml: extends: no environment 'bsae'; did you mean base?"


def test_environments_that_extend_each_other_are_refused(configs):
    (configs / "base.yml").write_text("extends: here\ndata_dir: base")
    said = refusal(configs, "extends: base\ndata_dir: own")
    assert said == "base.yml: extends: here extends base extends here, expected an end"


def test_a_file_may_extend_the_environment_of_its_own_name(configs, tmp_path_factory):
    (configs / "prod.yml").write_text("data_dir: base\nalerts: {min_retention: 0.5}")
    file = tmp_path_factory.mktemp("mine") / "prod.yml"
    file.write_text("extends: prod\ndata_dir: own")
    found = Environment.read_file(file)
    assert (found.data_dir, found.alerts.min_retention) == (PROJECT / "own", 0.5)


def test_prod_is_staging_with_folders_and_a_database_of_its_own():
    staging, prod = (
        Environment.read(name).model_dump(exclude={"data_dir": True})
        for name in ("staging", "prod")
    )
    assert prod["alerts"].pop("max_days_since_last_sale") == 45
    assert staging["alerts"].pop("max_days_since_last_sale") is None
    assert prod == staging
