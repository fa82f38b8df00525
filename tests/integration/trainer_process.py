"""A trainer as a child process, and what it told."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from studio.protocol.codec import encode_line
from studio.protocol.training_messages import TrainerCommand

PATIENCE_S = 140.0
TRAINER = ("-m", "studio", "trainer")


class Trainer:
    """A trainer child with its stdin open, and what it has told so far."""

    def __init__(
        self, run: Path, *, program: Sequence[str] = TRAINER, words: Sequence[str] = ()
    ) -> None:
        self.run = run
        self.process = subprocess.Popen(
            [sys.executable, *program, str(run), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.begin = len(self._all())

    def _all(self) -> list[dict[str, Any]]:
        try:
            lines = (self.run / "events.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self._all()[self.begin :] if event["type"] == kind]

    def wait_for(self, kind: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while not (found := self.events(kind)):
            assert self.process.poll() is None or self.events(kind), self.errors()
            assert time.monotonic() < deadline, f"no {kind}"
            time.sleep(0.02)
        return found[0]

    def command(self, number: int, command: TrainerCommand) -> None:
        folder = self.run / "commands"
        beside = folder / ".part"
        beside.write_bytes(encode_line(command))
        beside.rename(folder / f"{number:06d}.json")

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()

    def leave(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stderr):
            if pipe is not None:
                pipe.close()


def last_tensors(run: Path) -> dict[str, np.ndarray[Any, Any]]:
    newest = max((run / "checkpoints").glob("[0-9]*"))
    return load_file(newest / "state.safetensors")
