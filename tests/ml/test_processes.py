"""Fits in processes: when, what is said of one that is killed, and what is left."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from ml import processes
from ml.processes import fit_categories
from ml.settings import Randomness

STORES = pd.DataFrame({"category": ["GIN", "RUM", "RUM"], "store_id": ["1", "1", "2"]})
MARKET = pd.DataFrame({"category": ["GIN", "RUM", None], "income": [1.0, 2.0, 3.0]})
SEED = Randomness(random_state=0)


def where(stores: pd.DataFrame, market: pd.DataFrame, settings: Randomness):
    """Say which process sees which rows."""
    return stores[["category"]].assign(
        process=os.getpid(), income=market["income"].sum(), seed=settings.random_state
    )


def kill_itself(stores: pd.DataFrame, settings: Randomness):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ENOUGH_ROWS", 1)


def test_each_category_sees_its_rows_and_those_of_all(always):
    found = fit_categories(where, [STORES, MARKET], SEED, jobs=2)
    assert found["category"].tolist() == ["GIN", "RUM", "RUM"]
    assert found["income"].tolist() == [4, 5, 5]
    assert os.getpid() not in set(found["process"])


@pytest.mark.parametrize(
    ("stores", "jobs"), [(STORES, 1), (STORES[1:], 2), (STORES[:0], 2)]
)
def test_one_job_or_one_category_stays_here(always, stores, jobs):
    found = fit_categories(where, [stores, MARKET], SEED, jobs=jobs)
    assert set(found["process"]) <= {os.getpid()}
    assert found["income"].eq(6).all()


def test_few_stores_stay_here():
    found = fit_categories(where, [STORES, MARKET], SEED, jobs=2)
    assert set(found["process"]) == {os.getpid()}


def test_a_process_that_is_killed_is_one_clear_line_and_the_next_fit_works(always):
    with pytest.raises(MemoryError, match="a process that fits stores was killed"):
        fit_categories(kill_itself, [STORES], SEED, jobs=2)
    assert len(fit_categories(where, [STORES, MARKET], SEED, jobs=2)) == 3


def test_a_daemon_fits_by_itself(always):
    code = multiprocessing.Value("i", 0)
    daemon = multiprocessing.Process(target=fit_in, args=(code,), daemon=True)
    daemon.start()
    daemon.join(60)
    assert (daemon.exitcode, code.value) == (0, daemon.pid)


def fit_in(code) -> None:
    found = fit_categories(where, [STORES, MARKET], SEED, jobs=2)
    code.value = int(found["process"].iloc[0])


PROGRAM = """
import time
from ml import processes
from tests.ml.test_processes import MARKET, SEED, STORES, where
processes.ENOUGH_ROWS = 1
found = processes.fit_categories(where, [STORES, MARKET], SEED, jobs=2)
print(*set(found["process"]), flush=True)
time.sleep(600)
"""


def test_nothing_is_left_of_a_fit_that_was_killed():
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True
    ) as parent:
        workers = [int(number) for number in parent.stdout.readline().split()]
        parent.kill()
    until = time.monotonic() + processes.IDLE_SECONDS
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < until, "the processes outlive their parent"
        time.sleep(0.5)


# Two models may be imported at once: one by way of scikit-learn, one by way of this.
IMPORTS = """
import sys, threading, time
import pandas, scipy
failed, begin = [], threading.Barrier(2)
def load(name, seconds):
    begin.wait()
    time.sleep(seconds)
    try:
        __import__(name)
    except BaseException as error:
        failed.append(error)
threads = [
    threading.Thread(target=load, args=arguments)
    for arguments in (("joblib", 0), ("ml.processes", float(sys.argv[1])))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(bool(failed))
"""


@pytest.mark.parametrize("seconds", [0.001, 0.007, 0.02])
def test_two_threads_may_import_at_once(seconds):
    command = [sys.executable, "-c", IMPORTS, str(seconds)]
    subprocess.run(command, check=True, timeout=300)
