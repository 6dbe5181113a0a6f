"""A reader that stops reading the output of a run does not stop the run."""

import subprocess

from rich.table import Table

from clustering.cli.screen import new_console
from clustering.store.runs import current_run
from tests.conftest import CLUSTERING, run_environment


def test_a_run_whose_reader_goes_away_ends_and_publishes(small_folder, tmp_path):
    settings = ("bootstrap_resamples=2", "stability_resamples=2", "max_clusters=3")
    params = [text for one in settings for text in ("--param", one)]
    with subprocess.Popen(
        [CLUSTERING, "run", "--raw", small_folder, *params],
        env=run_environment(tmp_path),
        stdout=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=300) == 0
    assert current_run(tmp_path / "published") is not None


def test_names_in_the_data_neither_format_text_nor_move_the_cursor(capsys):
    name = "[red]RUM[/red] \x1b[31m\x1b]8;;http://site.example\x07 :smile: \x9b2J"
    console = new_console()
    console.print(name)
    table = Table("cluster")
    table.add_row(name)
    console.print(table)
    said = capsys.readouterr().out
    assert said.count("[red]RUM[/red]") == said.count(":smile:") == 2
    assert not set("\x1b\x07\x9b") & set(said)
