"""The plots: what one stolen key opens, what it takes to log in, how guessable the listed passwords are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hygiene.api import PathVerdict, counted
from hygiene_reports.page.figures import BANDS, SCORES, Figures, KeyReach, Path
from hygiene_reports.page.markup import Markup, element, join, section
from hygiene_reports.page.plots import Part, bar, legend, table

FORMS: Final[Mapping[str, str]] = {
    "password": "a password",
    "key": "a key",
    "code": "a one-time code",
    "ticket": "a Kerberos ticket",
    "host": "another host's word",
    "verified-key": "a key that asks for PIN or finger",
}
# as zxcvbn's own documentation names them
SCORE_WORDS: Final = (
    "too guessable",
    "very guessable",
    "somewhat guessable",
    "safely unguessable",
    "very unguessable",
)


def reach(numbers: Figures) -> Markup:
    """What opens if one key is stolen: the widest keys, and how many keys are how wide."""
    if not numbers.keys:
        return Markup()
    hosts = max(key.hosts for key in numbers.keys)
    rows = [
        (
            _key(key),
            bar(_opens(key), hosts),
            *map("{:,}".format, (key.root_hosts, key.unproven_hosts, key.limited_hosts, key.hosts, key.tenants)),
        )
        for key in numbers.keys
    ]
    most = max(band.keys for band in numbers.spread)
    spread = [
        (
            band.hosts,
            bar(
                (
                    Part("root", band.root_keys, "keys that may open root somewhere"),
                    Part("any", band.keys - band.root_keys, "keys that open other accounts only"),
                ),
                most,
            ),
            f"{band.root_keys:,}",
            f"{band.keys:,}",
        )
        for band in numbers.spread
    ]
    shown = f"The widest {len(rows)} of" if numbers.distinct_keys > len(rows) else "All"
    return section(
        "reach",
        "What opens if one key is stolen",
        f"{shown} {counted(numbers.distinct_keys, 'key')} that sshd may accept, by the hosts where they open root. "
        "Where one could go on to from there is not counted.",
        legend(_opens(numbers.keys[0]), numbers=False),
        table(
            ("key", "", "root", "not proven", "limited", "hosts", "tenants"),
            rows,
            numbers=range(2, 7),
            plot=1,
            style="bars",
        ),
        element("h3", "How many keys open how many hosts"),
        table(("hosts", "", "root", "keys"), spread, numbers=(2, 3), plot=1, style="bars"),
        element(
            "p",
            "Lines that sshd refuses are left out. Where it is not known whether sshd accepts a line, or whether its "
            "account may become root, the line counts and is shown as not proven.",
            class_="note",
        ),
    )


def _opens(key: KeyReach) -> tuple[Part, ...]:
    return (
        Part("root", key.root_hosts - key.unproven_hosts, "hosts where it opens root"),
        Part("unproven", key.unproven_hosts, "hosts where it may open root, not proven"),
        Part("limited", key.limited_hosts, "hosts where it opens root from named sources only"),
        Part("any", key.hosts - key.root_hosts - key.limited_hosts, "hosts where it opens another account"),
    )


def _key(key: KeyReach) -> Markup:
    what = "certificate authority" if key.is_authority else key.kind
    ours = ", used by this audit" if key.is_ours else ""
    named = [element("span", key.comment)] if key.comment else []
    return join(*named, element("span", element("code", key.fingerprint), f" {what}{ours}", class_="sub"))


def logins(numbers: Figures) -> Markup:
    """What it takes to get in, by the credentials asked for."""
    if not numbers.paths:
        return Markup()
    most = max(path.accounts for path in numbers.paths)
    styles = {PathVerdict.ONE: "root", PathVerdict.TWO: "complete", PathVerdict.UNKNOWN: "skipped"}
    rows = [
        (
            _way(path),
            bar((Part(styles[path.verdict], path.accounts, "accounts"),), most),
            "not known" if path.factors is None else f"{path.factors}",
            f"{path.accounts:,}",
            f"{path.hosts:,}",
        )
        for path in numbers.paths
    ]
    return section(
        "logins",
        "What it takes to log in",
        "Accounts by the smallest sets of credentials that let them in; an account with several ways counts in each.",
        table(("with", "", "factors", "accounts", "hosts"), rows, numbers=(3, 4), plot=1, style="bars"),
    )


def _way(path: Path) -> str:
    if path.verdict is PathVerdict.UNKNOWN:
        seen = f", {' and '.join(path.kinds)} seen" if path.kinds else ""
        return f"not understood{seen}"
    if not path.kinds:
        return "nothing at all" if path.factors == 0 else "not understood"
    named = " and ".join(FORMS.get(kind, kind) for kind in path.kinds)
    return f"{named} alone" if len(path.kinds) == 1 else named


def passwords(numbers: Figures) -> Markup:
    """How guessable the listed passwords are, by score and length; never one of them."""
    scores = numbers.scores
    if not scores.total:
        return Markup()
    # what an entry is made of may name the word, so that its length is not told
    untold = any(band is None for _, band in scores.entries)
    bands: tuple[str | None, ...] = (*BANDS, None) if untold else BANDS
    names = [f"{band} characters" if band is not None else "length not told" for band in bands]
    sums = {score: sum(scores.entries.get((score, band), 0) for band in bands) for score in SCORES}
    rows = [
        (
            join(element("span", f"score {score}"), element("span", SCORE_WORDS[score], class_="sub")),
            bar(
                [Part(f"band{n}", scores.entries.get((score, band), 0), names[n]) for n, band in enumerate(bands)],
                max(sums.values()),
            ),
            *(f"{scores.entries.get((score, band), 0):,}" for band in bands),
            f"{sums[score]:,}",
        )
        for score in SCORES
    ]
    return section(
        "passwords",
        "Passwords in lists",
        f"{counted(scores.total, 'entry', 'entries')} by score (zxcvbn, lowered by what is known of the entry) and by "
        f"length. {counted(scores.reused, 'entry has', 'entries have')} a password that another has too.",
        legend([Part(f"band{n}", 0, name) for n, name in enumerate(names)], numbers=False),
        table(
            ("", "", *(band or "not told" for band in bands), "all"),
            rows,
            numbers=range(2, 3 + len(bands)),
            plot=1,
            style="bars",
        ),
    )
