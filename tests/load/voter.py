"""One token's socket that votes at a steady rate, in a process of its own so that no crowd of listeners holds it up.

Reads what to do as JSON from its input and writes what came of it as JSON; times are those of the system's monotonic clock,
which all processes share.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field

from tests.load.stage import Stage
from tests.load.wire import Crowd, Listener, watcher

#: Seconds to wait for the last answers, and the most that the rate is made up for after this process was held up.
PATIENCE, LATE = 5.0, 0.2


@dataclass
class Task:
    """What is to be voted for, by whom, how often and how long."""

    server: str
    token: str
    ideas: list[str]
    people: list[str]
    per_second: int
    seconds: float


@dataclass
class Outcome:
    """When each answered vote was sent, by its number; how long answers took (ms); what was refused, unanswered or not sent."""

    sent_at: dict[str, float] = field(default_factory=dict)
    acks: list[float] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    unsent: int = 0


class Voter:
    """Votes and withdraws by turns, so that every message changes something."""

    def __init__(self, task: Task) -> None:
        self.task, self.outcome = task, Outcome()
        self.waiting: dict[int, float] = {}
        self.count = 0
        self.crowd = Crowd()
        self.line = self.crowd.add(watcher(task.server, "load", self._heard, task.token))

    def _vote(self) -> None:
        self.count += 1
        turn, person = divmod(self.count, len(self.task.people))
        content = {"idea": self.task.ideas[turn // 2 % len(self.task.ideas)], "person": self.task.people[person]}
        message = ["unvote", content] if turn % 2 else ["vote", {**content, "value": 1}]
        self.waiting[self.count + 10] = time.monotonic()
        self.line.send(f"42/live,{self.count + 10}{json.dumps(message)}")

    def _heard(self, line: Listener, payload: bytes) -> None:
        if not payload.startswith(b"43/live,"):
            return
        number, _bracket, rest = payload[8:].partition(b"[")
        started = self.waiting.pop(int(number), None)
        if started is None:
            return
        answer = json.loads(b"[" + rest)[0]
        if not answer["ok"]:
            self.outcome.refused += 1
            return
        self.outcome.acks.append((time.monotonic() - started) * 1000)
        self.outcome.sent_at[str(answer["receipt"]["seq"])] = started

    def run(self) -> Outcome:
        """Vote as long as the task says, then wait for the last answers."""
        self.crowd.settle()
        print("ready", flush=True)
        sys.stdin.readline()
        started, due = time.monotonic(), 0
        while (passed := time.monotonic() - started) < self.task.seconds:
            due, before = int(passed * self.task.per_second), due
            late = max(0, due - before - int(LATE * self.task.per_second))
            self.outcome.unsent += late
            for _number in range(due - before - late):
                self._vote()
            self.crowd.pump(0.002)
        until = time.monotonic() + PATIENCE
        while self.waiting and time.monotonic() < until:
            self.crowd.pump(0.05)
        self.outcome.unanswered = len(self.waiting)
        return self.outcome


class VoterProcess:
    """A voter in its own process."""

    def __init__(self, ready: Stage, per_second: int, seconds: float) -> None:
        token = ready.admin.token
        task = Task(ready.server.url, token, ready.ideas, ready.people, per_second, seconds)
        command = [sys.executable, "-m", "tests.load.voter"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin is not None and self.process.stdout is not None
        self._tell, self._told = self.process.stdin, self.process.stdout
        self._say(json.dumps(asdict(task)))
        assert self._told.readline() == "ready\n"

    def _say(self, line: str) -> None:
        self._tell.write(f"{line}\n")
        self._tell.flush()

    def begin(self) -> None:
        """Let it vote."""
        self._say("go")

    def outcome(self) -> Outcome:
        """What came of it, once it is done."""
        outcome = Outcome(**json.loads(self._told.readline()))
        self.process.wait(10)
        return outcome


if __name__ == "__main__":
    print(json.dumps(asdict(Voter(Task(**json.loads(sys.stdin.readline()))).run())), flush=True)
