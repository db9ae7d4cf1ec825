"""The table of agreement, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .agreement import Result, Word, show
from .trying import Tried


def table(results: Sequence[Result]) -> str:
    """The counts, what is unknown and why, and a line for each configuration."""
    words = Counter(result.word for result in results)
    cases = len({result.tried.case.id for result in results})
    logins = sum(len(result.tried.ways) for result in results)
    lines = ["| configurations | with sources | logins tried | same | unknown | unsafe | wrong |", "|" + "---|" * 7]
    counts = (cases, len(results), logins, *(words[word] for word in Word))
    lines.append("| " + " | ".join(f"{count:,}" for count in counts) + " |")
    unknown = [result for result in results if result.word is Word.UNKNOWN]
    reasons = Counter(reason for result in unknown for reason in {_general(doubt) for doubt in result.told.doubts})
    if reasons:
        lines += ["", "| unknown because | configurations |", "|---|---|"]
        lines += [
            f"| {_escaped(reason)} | {count:,} |"
            for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
        ]
    besides = [result for result in results if result.tried.case.broader is not None]
    if besides:
        lines += ["", "| more is said than opens, because | configurations |", "|---|---|"]
        counts_besides = Counter(str(result.tried.case.broader) for result in besides)
        lines += [f"| {_escaped(reason)} | {count:,} |" for reason, count in counts_besides.most_common()]
    lines += ["", "| configuration | it takes | we say |", "|---|---|---|"]
    lines += [f"| {_place(result.tried)} | {show(result.needed)} | {_said(result)} |" for result in results]
    return "".join(f"{line}\n" for line in lines)


def wrong(results: Sequence[Result]) -> Iterator[str]:
    """Every configuration that disagrees, whole."""
    return (str(result) for result in results if result.word in (Word.UNSAFE, Word.WRONG))


def _place(tried: Tried) -> str:
    return f"`{tried.case.id}`" + (f" from {tried.source}" if len(tried.case.sources) > 1 else "")


def _said(result: Result) -> str:
    if result.word in (Word.UNSAFE, Word.WRONG):
        return f"**{result.word}**: {show(result.told.sets)}"
    said = show(result.told.sets)
    if result.told.conditional:
        said += f"; {show(result.told.conditional)} while its server is away"
    return said if result.word is Word.SAME else f"{said}; more is unknown" if result.told.sets else "unknown"


def _general(reason: str) -> str:
    """The reason without the rule's file and line."""
    return reason.partition(": ")[2] if reason.startswith("/etc/pam.d/") else reason


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
