"""The process that scores: chunks in, numbers out, over its own two pipes.

A line in is a JSON list of [password, [word, ...]]; the line out is a list of packed judgements in the same order.
Nothing else leaves it: no core dump, no standard error, no file.
"""

from __future__ import annotations

import json
import signal
import sys
from typing import TextIO

from hygiene.passwords.score.german import HABIT_SCORE, is_habit
from hygiene.passwords.score.judgement import Judgement, Mark
from hygiene.passwords.score.protect import forbid_core_dumps, forbid_memory_access
from hygiene.passwords.score.reference import judge


def score(password: str, words: list[str]) -> Judgement:
    """The reference's judgement, lowered by our overlay. With `words` only score and marks have a meaning."""
    judged = judge(password, words)
    if judged.score > HABIT_SCORE and is_habit(password):
        return Judgement(judged.zxcvbn_score, HABIT_SCORE, judged.marks | Mark.COMMON)
    return judged


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer until the other side closes the pipe."""
    for line in requests:
        answers.write(json.dumps([score(password, words).pack() for password, words in json.loads(line)]) + "\n")
        answers.flush()


def main() -> None:
    # Ctrl-C reaches the whole group; the process that started us closes the pipe
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_core_dumps()
    forbid_memory_access()
    serve(sys.stdin, sys.stdout)
