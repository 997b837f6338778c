"""All links of the site, each host in its own time: one question at a time, a pause between, and an end to everything."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from ketamine_kb.checks import link_client
from ketamine_kb.checks.link_client import Limits
from ketamine_kb.checks.links import Answer, Verdict, registry_of, registry_verdict, verdict
from ketamine_kb.evidence import registries

#: Answers after which the same host is asked again, if it does not ask for too long a wait.
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(slots=True)
class _Host:
    """What is waiting for one host, and how it has behaved."""

    waiting: deque[tuple[str, int]] = field(default_factory=deque)
    busy: bool = False
    free_at: float = 0.0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict on one address."""

    address: str
    verdict: Verdict
    reason: str


class Run:
    """Asks for every address of a list; used once."""

    def __init__(
        self,
        limits: Limits,
        bases: Mapping[str, str] | None = None,
        ask: Callable[[str, Limits, float], Answer] = link_client.ask,
    ) -> None:
        """Prepare a run.

        :param bases: where the registries are, by name, when not at their usual addresses.
        :param ask: what asks for one address.
        """
        self.limits = limits
        #: Whether any server has answered anything.
        self.reached = False
        self._ask = ask
        self._bases = dict(bases or {})
        self._deadline = 0.0
        self._hosts: dict[str, _Host] = {}
        self._clients: dict[str, registries.Client] = {}
        self._change = threading.Condition()
        self._results: SimpleQueue[Found] = SimpleQueue()
        self._nameless: list[tuple[str, Answer]] = []
        self._stopped = False

    def results(self, addresses: Iterable[str]) -> Iterator[Found]:
        """One verdict for every address, as they come, whatever the servers do."""
        self._deadline = time.monotonic() + self.limits.run
        waiting = dict.fromkeys(addresses)
        for address in waiting:
            self._hosts.setdefault(_host(address), _Host()).waiting.append((address, 1))
        for name in registries.NAMES:
            if name in self._hosts:
                self._clients[name] = registries.Client(self._registry_settings())
        workers = [threading.Thread(target=self._work, daemon=True) for _ in range(min(self.limits.workers, len(self._hosts)))]
        for worker in workers:
            worker.start()
        try:
            yield from self._collect(waiting, workers)
        finally:
            with self._change:
                self._stopped = True
                self._change.notify_all()

    def _collect(self, waiting: dict[str, None], workers: list[threading.Thread]) -> Iterator[Found]:
        while waiting and time.monotonic() < self._deadline:
            try:
                found = self._results.get(timeout=min(max(self._deadline - time.monotonic(), 0), 0.5))
            except Empty:
                if not any(worker.is_alive() for worker in workers) and self._results.empty():
                    break
                continue
            del waiting[found.address]
            yield found
        # Whether a name that nobody knows is a dead link or a missing network is known only at the end.
        for address, answer in self._nameless:
            if address in waiting:
                del waiting[address]
                yield Found(address, *verdict(answer, address, others_answered=self.reached))
        for address in waiting:
            yield Found(address, Verdict.UNKNOWN, f"no answer within the {self.limits.run:g} seconds of the whole run")

    def _registry_settings(self) -> registries.Settings:
        usual = registries.Settings()
        limits = self.limits
        return replace(
            usual,
            bases={**usual.bases, **self._bases},
            limit=limits.run,
            patience=limits.patience,
            silence=limits.silence,
            longest_wait=limits.longest_wait,
        )

    def _work(self) -> None:
        while True:
            with self._change:
                host, turn = self._next()
                if host is None or turn is None:
                    return
                host.busy = True
            address, attempt = turn
            if host.refused >= self.limits.refusals:
                self._results.put(
                    Found(address, Verdict.UNKNOWN, f"the host refused {host.refused} times in a row and was not asked again")
                )
                again, pause = False, 0.0
            elif registry := registry_of(address):
                self._ask_registry(address, *registry)
                again, pause = False, 0.0
            else:
                again, pause = self._ask_host(host, address, attempt)
            with self._change:
                if again:
                    host.waiting.appendleft((address, attempt + 1))
                host.busy, host.free_at = False, time.monotonic() + pause
                self._change.notify_all()

    def _next(self) -> tuple[_Host | None, tuple[str, int] | None]:
        """The next thing to ask, once its host is free; nothing when all is asked or the time is over."""
        while not self._stopped:
            now = time.monotonic()
            free = [host for host in self._hosts.values() if host.waiting and not host.busy]
            if now >= self._deadline or not any(host.waiting or host.busy for host in self._hosts.values()):
                return None, None
            host = min(free, key=lambda host: host.free_at, default=None)
            if host is not None and host.free_at <= now:
                return host, host.waiting.popleft()
            until = min(host.free_at if host else self._deadline, self._deadline)
            self._change.wait(max(until - now, 0.001))
        return None, None

    def _ask_registry(self, address: str, name: str, identifier: str) -> None:
        answer = self._clients[name].ask(name, identifier)
        self.reached = self.reached or self._clients[name].reached
        self._results.put(Found(address, *registry_verdict(answer)))

    def _ask_host(self, host: _Host, address: str, attempt: int) -> tuple[bool, float]:
        """Ask once; whether to ask again, and how long to leave the host alone."""
        limits = self.limits
        answer = self._ask(address, limits, self._deadline)
        self.reached = self.reached or answer.code > 0
        refused = answer.code in _BUSY or answer.silent
        host.refused = host.refused + 1 if refused else 0
        pause = max(limits.pause, answer.wait)
        if refused and attempt < limits.tries and host.refused < limits.refusals and answer.wait <= limits.longest_wait:
            return True, pause
        if answer.wait > limits.longest_wait:
            host.refused = max(host.refused, limits.refusals)
            pause = 0.0
        if answer.nameless:
            self._nameless.append((address, answer))
        else:
            self._results.put(Found(address, *verdict(answer, address)))
        return False, pause


def _host(address: str) -> str:
    """By what links are grouped: the registry that is asked, or the host."""
    registry = registry_of(address)
    if registry:
        return registry[0]
    try:
        return urlsplit(address).netloc.lower()
    except ValueError:
        return ""
