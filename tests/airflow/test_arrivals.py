"""New files start a run, and half-written files do not."""

import asyncio
import os
from pathlib import Path

import pytest

from clustering.airflow.arrivals import RawFilesTrigger, list_tables


class Store(dict):
    """What Airflow keeps with an asset, kept in a dict."""

    async def aget(self, key: str) -> object:
        return self.get(key)

    async def aset(self, key: str, value: object) -> None:
        self[key] = value


async def count_events(
    folder: Path, store: Store, *, seconds: float, copying: float = 0
) -> int:
    """Return how often the trigger fires; a file may be written to meanwhile."""
    trigger = RawFilesTrigger(
        folders=[str(folder)], seconds_between_looks=0.05, seconds_stable=0.6
    )
    trigger.asset_state_store = store
    events: list[object] = []

    async def listen() -> None:
        async for event in trigger.run():
            events.append(event)

    async def copy() -> None:
        for _ in range(int(copying / 0.05)):
            with (folder / "internal_sales.csv").open("a") as file:
                file.write("more\n")
            await asyncio.sleep(0.05)
            assert not events

    listening = asyncio.create_task(listen())
    await copy()
    await asyncio.sleep(seconds)
    listening.cancel()
    return len(events)


@pytest.fixture
def store() -> Store:
    return Store()


def test_files_fire_once(tmp_path: Path, store: Store) -> None:
    (tmp_path / "internal_sales.csv").write_text("x")
    assert asyncio.run(count_events(tmp_path, store, seconds=2)) == 1


def test_file_that_grows_does_not_fire_until_it_stays(
    tmp_path: Path, store: Store
) -> None:
    assert asyncio.run(count_events(tmp_path, store, seconds=2, copying=1.2)) == 1


def test_restart_does_not_fire_again_for_the_same_files(
    tmp_path: Path, store: Store
) -> None:
    (tmp_path / "need_state").mkdir()
    (tmp_path / "need_state" / "part1.parquet").write_text("x")
    assert asyncio.run(count_events(tmp_path, store, seconds=1.5)) == 1
    assert asyncio.run(count_events(tmp_path, store, seconds=1.5)) == 0
    (tmp_path / "need_state" / "part2.parquet").write_text("x")
    assert asyncio.run(count_events(tmp_path, store, seconds=1.5)) == 1


def test_files_that_a_mapping_names_count(tmp_path: Path) -> None:
    (tmp_path / "till_1.csv").write_text("x")
    (tmp_path / "notes.csv").write_text("x")
    [line] = list_tables([str(tmp_path)], ["till_*.csv"]).splitlines()
    assert line.startswith(f"{tmp_path}/till_1.csv ")


def test_what_is_no_table_does_not_count(tmp_path: Path, store: Store) -> None:
    (tmp_path / "internal_sales.parquet.part").write_text("x")
    (tmp_path / "notes.csv").write_text("x")
    (tmp_path / "need_state").mkdir()
    (tmp_path / "need_state" / "_SUCCESS").write_text("x")
    assert asyncio.run(count_events(tmp_path, store, seconds=1.5)) == 0


def test_trigger_is_made_again_from_what_it_says_of_itself() -> None:
    kwargs = {
        "folders": ["a", "b"],
        "seconds_between_looks": 1.0,
        "seconds_stable": 2.0,
        "patterns": ["till_*.csv"],
    }
    path, serialized = RawFilesTrigger(**kwargs).serialize()
    assert path == f"{RawFilesTrigger.__module__}.{RawFilesTrigger.__qualname__}"
    assert serialized == kwargs


def test_a_change_of_size_time_or_name_is_a_change(tmp_path: Path) -> None:
    folder = tmp_path / "internal_sales"
    folder.mkdir()
    file = folder / "one.parquet"
    seen = {list_tables([str(tmp_path)])}
    assert seen == {""}
    for change in (
        lambda: file.write_text("a"),
        lambda: file.write_text("ab"),
        lambda: os.utime(file, ns=(1, 1)),
        lambda: file.rename(file.with_name("two.parquet")),
    ):
        change()
        seen.add(list_tables([str(tmp_path)]))
    assert len(seen) == 5


@pytest.mark.parametrize(
    "name",
    [
        *("internal_sales.parquet", "Need_State.CSV", "internal_sales.csv.gz"),
        *(
            "store_attributes.tsv",
            "need_state.xlsx",
            "internal_sales.parquet/a.parquet",
        ),
        *("internal_sales/2025/a.csv.zst", "till_1.csv"),
    ],
)
def test_every_file_that_a_build_reads_is_watched(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")
    [line] = list_tables([str(tmp_path)], ["till_*.csv"]).splitlines()
    assert line.startswith(f"{file} 1 ")
