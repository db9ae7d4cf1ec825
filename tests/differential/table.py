"""The table of agreement, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hygiene.model import Truth

from .agreement import Result
from .telling import How

_HEAD = "| sshd | how | cases | let in | refused | yes | no | unknown | false no | false yes | wrong line or limits |"


def table(results: Sequence[Result], releases: dict[str, str]) -> str:
    """One row for each version and way of looking; behind it what is unknown, and why."""
    lines = [_HEAD, "|" + "---|" * 11]
    for version, release in releases.items():
        for how in How:
            mine = [result for result in results if (result.version, result.how) == (version, how)]
            if mine:
                lines.append(_row(f"{version} ({release})", how, mine))
    reasons = Counter(_general(result.told.reason or "") for result in results if result.told.answer is Truth.UNKNOWN)
    lines += ["", "| unknown because | answers |", "|---|---|"]
    lines += [f"| {reason} | {count:,} |" for reason, count in reasons.most_common()]
    return "".join(f"{line}\n" for line in lines)


def wrong(results: Sequence[Result]) -> Iterator[str]:
    """Every case that disagrees, whole."""
    return (str(result) for result in results if result.disagreements)


def _row(version: str, how: How, mine: Sequence[Result]) -> str:
    told = Counter(result.told.answer for result in mine)
    kinds = Counter(_kind(result) for result in mine)
    let_in = sum(result.let_in for result in mine)
    fields = (
        *(len(mine), let_in, len(mine) - let_in),
        *(told[answer] for answer in (Truth.YES, Truth.NO, Truth.UNKNOWN)),
        *(kinds[kind] for kind in ("false no", "false yes", "wrong")),
    )
    return f"| {version} | {how} | " + " | ".join(f"{field:,}" for field in fields) + " |"


def _kind(result: Result) -> str:
    first = next(iter(result.disagreements), "")
    return next((kind for kind in ("false no", "false yes", "wrong") if first.startswith(kind)), "")


def _general(reason: str) -> str:
    """The reason without what names one account or number."""
    words = ("PATH" if "/" in word else "N" if word.isdigit() else word for word in reason.split())
    return " ".join(words).replace("|", "\\|")[:160]
