"""Runs of pages: one at a time, first come first served, and one look at the record in each."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kyodo.ui import runs
from kyodo.ui.runs import Turns, look_anew, once, run

SOON = 20  # seconds; what must happen at all is not waited for longer


def test_nobody_has_a_turn_while_another_one_has():
    turns, inside, most = Turns(longest=SOON), [], []

    def work(number):
        with turns.turn():
            inside.append(number)
            most.append(len(inside))
            threading.Event().wait(0.001)
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert most == [1] * 40


def test_who_came_first_is_served_first():
    turns, served, free = Turns(longest=SOON), [], threading.Event()

    def work(number):
        with turns.turn():
            served.append(number)

    def first():
        with turns.turn():
            free.wait(SOON)

    threads = [threading.Thread(target=first)]
    threads[0].start()
    for number in range(5):
        while len(turns._waiting) < number or turns._holder is None:
            threading.Event().wait(0.001)
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
    while len(turns._waiting) < 5:
        threading.Event().wait(0.001)
    free.set()
    for thread in threads:
        thread.join(SOON)
    assert served == [0, 1, 2, 3, 4]


def test_a_turn_that_lasts_too_long_keeps_nobody_waiting():
    turns, free = Turns(longest=0.01), threading.Event()

    def slow():
        with turns.turn():
            assert free.wait(SOON)

    thread = threading.Thread(target=slow)
    thread.start()
    while turns._holder is None:
        threading.Event().wait(0.001)
    with turns.turn():  # while the slow one is still at work
        assert thread.is_alive()
        free.set()
    thread.join(SOON)
    with turns.turn():  # and it has not taken this turn away when it ended
        assert not thread.is_alive()


def test_a_turn_that_fails_is_given_on():
    turns = Turns(longest=SOON)
    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0
    with turns.turn():
        assert len(turns._waiting) == 0


@pytest.fixture
def look():
    seen = iter(range(100))
    return lambda: next(seen)


def test_a_run_takes_one_look(look):
    with run():
        assert [once(look), once(look)] == [0, 0]
    with run():
        assert once(look) == 1


def test_outside_of_a_run_every_look_is_taken(look):
    assert [once(look), once(look)] == [0, 1]
    with run():
        once(look)
    assert once(look) == 3


def test_what_a_run_wrote_it_sees(look):
    with run():
        assert once(look) == 0
        look_anew()
        assert once(look) == 1


def test_a_look_that_fails_is_taken_again():
    answers = iter([ZeroDivisionError(), 7])

    def look():
        if isinstance(said := next(answers), Exception):
            raise said
        return said

    with run():
        with pytest.raises(ZeroDivisionError):
            once(look)
        assert once(look) == 7


def test_two_runs_at_once_have_their_own_looks(look, monkeypatch):
    monkeypatch.setattr(runs, "_turns", Turns(longest=0.01))
    begun, free = threading.Event(), threading.Event()

    def slow():
        with run():
            said = [once(look)]
            begun.set()
            free.wait(SOON)
            return [*said, once(look)]

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(slow)
        assert begun.wait(SOON)
        with run():
            assert once(look) == 1
            free.set()
            assert found.result() == [0, 0]
            assert once(look) == 1
