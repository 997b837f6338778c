"""Other processes that a test starts: they end in time, with all that they started."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def run(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, within: float = 300) -> Run:
    """Run a command without a terminal.

    A plain ``subprocess.run`` with a time limit ends only the process that it started, then waits for ever for the words of those that
    this one had started. Here all of them are ended.

    :param within: seconds after which it counts as hanging.
    :raises AssertionError: when it hangs, with what it had said.
    """
    pipe = subprocess.PIPE
    started = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", start_new_session=True
    )
    try:
        out, err = started.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        out, err = started.communicate(timeout=30)
        raise AssertionError(f"{command} had not ended after {within:g} s; it said: {out}{err}") from None
    return Run(started.returncode, out, err)
