"""All links: each host in its own time, an end to everything, one answer for each address."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ketamine_kb.checks.link_client import Limits
from ketamine_kb.checks.link_run import Found, Run
from ketamine_kb.checks.links import Answer, Verdict
from tests.evidence.registry_server import serving, summary, update, work

FAST = Limits(run=20, patience=2, silence=1, pause=0.0, longest_wait=1, private=True)


def verdicts(run: Run, addresses: list[str]) -> dict[str, Found]:
    results = list(run.results(addresses))
    assert Counter(result.address for result in results) == Counter(set(addresses))
    return {result.address: result for result in results}


def test_every_address_is_answered_once() -> None:
    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        return Answer(404 if address.endswith("7") else 200, address)

    addresses = [f"https://host{number % 5}.example/{number}" for number in range(100)]
    found = verdicts(Run(FAST, ask=ask), [*addresses, *addresses[:3]])
    assert {address for address, result in found.items() if result.verdict is Verdict.DEAD} == {a for a in addresses if a.endswith("7")}


def test_a_host_is_asked_one_thing_at_a_time_with_a_pause() -> None:
    at_work: Counter[str] = Counter()
    times: list[float] = []
    most = 0
    lock = threading.Lock()

    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        nonlocal most
        host = address.split("/")[2]
        with lock:
            at_work[host] += 1
            most = max(most, *at_work.values())
            if host == "a.example":
                times.append(time.monotonic())
        time.sleep(0.02)
        with lock:
            at_work[host] -= 1
        return Answer(200, address)

    addresses = [f"https://{host}.example/{number}" for host in "abc" for number in range(4)]
    verdicts(Run(replace(FAST, pause=0.1, workers=8), ask=ask), addresses)
    assert most == 1
    assert all(later - earlier >= 0.1 for earlier, later in itertools.pairwise(times))


def test_a_host_that_refuses_for_ever_is_given_up_and_others_go_on() -> None:
    asked: Counter[str] = Counter()

    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        asked[address.split("/")[2]] += 1
        return Answer(429, address, wait=0.01) if "busy" in address else Answer(200, address)

    addresses = [f"https://busy.example/{number}" for number in range(50)] + ["https://fine.example/"]
    found = verdicts(Run(FAST, ask=ask), addresses)
    assert asked == {"busy.example": 3, "fine.example": 1}
    assert found["https://busy.example/49"].reason == "the host refused 3 times in a row and was not asked again"
    assert found["https://fine.example/"].verdict is Verdict.WORKS


def test_too_long_a_wait_is_not_waited_for() -> None:
    asked: list[str] = []

    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        asked.append(address)
        return Answer(429, address, wait=86_400)

    started = time.monotonic()
    found = verdicts(Run(FAST, ask=ask), ["https://a.example/1", "https://a.example/2"])
    assert asked == ["https://a.example/1"]
    assert found["https://a.example/1"].reason == "answers 429"
    assert time.monotonic() - started < 2


def test_a_failure_is_tried_again() -> None:
    tries: Counter[str] = Counter()

    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        tries[address] += 1
        return Answer(503, address) if tries[address] == 1 else Answer(200, address)

    assert verdicts(Run(FAST, ask=ask), ["https://a.example/"])["https://a.example/"].verdict is Verdict.WORKS


def test_the_run_ends_while_servers_hold_it() -> None:
    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        time.sleep(3)
        return Answer(200, address)

    started = time.monotonic()
    found = verdicts(Run(replace(FAST, run=0.5), ask=ask), [f"https://a.example/{number}" for number in range(30)])
    assert time.monotonic() - started < 2
    assert {result.reason for result in found.values()} == {"no answer within the 0.5 seconds of the whole run"}


def test_a_host_without_a_name_is_dead_only_where_another_answered() -> None:
    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        return Answer(200, address) if "fine" in address else Answer(0, address, reason="no connection", nameless=True)

    assert verdicts(Run(FAST, ask=ask), ["https://gone.example/"])["https://gone.example/"].verdict is Verdict.UNKNOWN
    both = verdicts(Run(FAST, ask=ask), ["https://gone.example/", "https://fine.example/"])
    assert both["https://gone.example/"] == Found("https://gone.example/", Verdict.DEAD, "there is no host of this name")


def test_papers_are_asked_for_at_their_registries() -> None:
    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        raise AssertionError(address)

    with serving() as server:
        server.answers["10.1000/fine"] = (200, work("10.1000/fine"))
        server.answers["10.1000/taken"] = (200, work("10.1000/taken", by=[update("retraction")]))
        server.answers["10.1000/never"] = (404, b"Resource not found.")
        server.answers["10.1000/never/agency"] = (404, b"Resource not found.")
        server.answers["34321660"] = (200, summary())
        bases = {"crossref": server.url, "pubmed": server.url}
        names = ("fine", "taken", "never")
        addresses = [*(f"https://doi.org/10.1000/{name}" for name in names), "https://pubmed.ncbi.nlm.nih.gov/34321660/"]
        found = verdicts(Run(FAST, bases, ask), addresses)
    assert [found[address].verdict for address in addresses] == [Verdict.WORKS, Verdict.RETRACTED, Verdict.DEAD, Verdict.WORKS]
    assert found[addresses[1]].reason.startswith("retraction")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([200, 301, 404, 429, 503, 0])), max_size=20))
def test_whatever_the_servers_say_each_address_has_one_answer(plan: list[tuple[int, int]]) -> None:
    codes = {f"https://h{host}.example/{index}": code for index, (host, code) in enumerate(plan)}

    def ask(address: str, limits: Limits, deadline: float) -> Answer:
        return Answer(codes[address], address, reason="" if codes[address] else "no connection", silent=not codes[address])

    assert set(verdicts(Run(FAST, ask=ask), list(codes))) == set(codes)
