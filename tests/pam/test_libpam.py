"""Our reading of stacks against libpam itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Way, ways
from hygiene.pam.modules import known
from hygiene.pam.stack import Stacks, Stage, read

from . import real, stacks
from .real import Ask

pytestmark = pytest.mark.skipif(real.why_not() is not None, reason=f"needs {real.why_not()}")

ABORT = -int(Code.ABORT)


def ours(read_stacks: Stacks, stage: Stage) -> int | None:
    """The code that we expect from libpam; None: not known."""
    assert read_stacks.doubt is None
    if read_stacks.failed is not None:
        return ABORT
    found = ways(read_stacks.rules(stage), lambda rule: stacks.outcomes(rule, stage))
    assert len(found) == 1, "modules that return one thing leave one way"
    return None if found[0].code is None else int(found[0].code)


def _compare(folder: Path, seed: int, count: int) -> None:
    random = Random(seed)
    files = {"other": stacks.OTHER}
    services = [f"s{number}" for number in range(count)]
    for name in services:
        files |= stacks.service(name, random)
    real.plant(folder, files)
    asks = [Ask(name, stage) for name in services for stage in ("account", "auth")]
    said = real.answers(folder, asks)
    host = stacks.in_pam_d(files)
    read_as = {name: read(host, name, debian=True) for name in services}
    told = [ours(read_as[ask.service], Stage(ask.stage)) for ask in asks]
    wrong = [
        (files[ask.service].decode(), ask.stage, our, their)
        for ask, our, their in zip(asks, told, said, strict=True)
        if our is not None and our != their
    ]
    assert wrong == []
    # what Debian's libpam does behind an @include that fails within an include hangs on what stood in memory
    assert told.count(None) < len(told) / 20
    # the generator is worth something only while both ends happen
    assert {0, 6, 7, 10, 12, 28, ABORT} <= set(said)


def test_random_stacks_return_what_libpam_returns(tmp_path: Path) -> None:
    _compare(tmp_path, seed=1, count=400)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2, 12))
def test_thousands_of_random_stacks_return_what_libpam_returns(tmp_path: Path, seed: int) -> None:
    _compare(tmp_path, seed, count=3000)


def _accepts(code: int | None) -> bool | None:
    return None if code is None else code in (Code.SUCCESS, Code.NEW_AUTHTOK_REQD)


def _in_doubt(folder: Path, seed: int, count: int) -> None:
    """Some modules are taken as unknown: what is still said for certain must be what libpam does."""
    random = Random(seed)
    files = {"other": stacks.OTHER}
    services = [f"s{number}" for number in range(count)]
    for name in services:
        files |= stacks.service(name, random)
    real.plant(folder, files)
    said = real.answers(folder, [Ask(name) for name in services])
    host = stacks.in_pam_d(files)
    wrong: list[tuple[str, set[bool | None], int]] = []
    certain = 0
    for name, code in zip(services, said, strict=True):
        rules = read(host, name, debian=True).rules(Stage.ACCOUNT)
        if not rules:
            continue
        hidden = {rule for rule in rules if random.random() < 0.3}
        found = ways(
            rules, lambda rule, h=hidden: known.anything(rule) if rule in h else stacks.outcomes(rule, "account")
        )
        verdicts = {_accepts(way.code) for way in found}
        certain += bool(hidden) and len(verdicts) == 1
        if None not in verdicts and _accepts(code) not in verdicts:
            wrong.append((files[name].decode(), verdicts, code))
    assert wrong == []
    assert certain > count / 10


def test_what_is_certain_in_spite_of_unknown_modules_is_true(tmp_path: Path) -> None:
    _in_doubt(tmp_path, seed=1, count=400)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(2, 7))
def test_what_is_certain_of_thousands_in_spite_of_unknown_modules_is_true(tmp_path: Path, seed: int) -> None:
    _in_doubt(tmp_path, seed, count=3000)


DEBIAN = b"account [success=1 new_authtok_reqd=done default=ignore] pam_debug.so acct=%s\n"
TAIL = b"account requisite pam_deny.so\naccount required pam_permit.so\n"


CASES = [
    pytest.param(b"", 13, id="empty-file-takes-other"),
    pytest.param(b"auth required pam_permit.so\n", 13, id="no-rule-of-the-type-takes-other"),
    pytest.param(b"account include @/empty\n", 13, id="an-empty-include-is-no-rule"),
    pytest.param(b"account substack @/empty\n", 6, id="an-empty-substack-is-one"),
    pytest.param(b"account required pam_debug.so acct=ignore\n", 6, id="all-ignored-fails"),
    pytest.param(b"account required pam_nope.so\n", 28, id="missing-module"),
    pytest.param(b"-account required pam_nope.so\n", 28, id="hyphen-silences-only"),
    pytest.param(b"account optional pam_nope.so\naccount required pam_permit.so\n", 0, id="optional-missing"),
    pytest.param(b"account required pam_permit\n", 28, id="module-without-so"),
    pytest.param(b"account required pam_permit.so\r\n", 28, id="carriage-return-is-part-of-the-name"),
    pytest.param(b"account sufficient pam_permit.so\naccount required pam_deny.so\n", 0, id="sufficient"),
    pytest.param(
        b"account required pam_deny.so\naccount sufficient pam_permit.so\n", 7, id="sufficient-after-a-failure"
    ),
    pytest.param(
        b"account include @/enough\naccount required pam_deny.so\n", 0, id="sufficient-in-an-include-ends-all"
    ),
    pytest.param(
        b"account substack @/enough\naccount required pam_deny.so\n", 7, id="sufficient-in-a-substack-ends-it-alone"
    ),
    pytest.param(b"account binding pam_permit.so\n", 6, id="binding-is-not-a-word-of-linux"),
    pytest.param(b"account [success=2] pam_permit.so\naccount required pam_permit.so\n", 6, id="jump-too-far"),
    pytest.param(
        b"account [success=1] pam_permit.so\naccount required pam_deny.so\n", 6, id="jump-to-the-end-says-nothing"
    ),
    pytest.param(
        b"account [success=ok default=bad] pam_debug.so acct=new_authtok_reqd\naccount required pam_permit.so\n",
        12,
        id="a-password-to-change-is-told-though-bad",
    ),
    pytest.param(DEBIAN % b"success" + TAIL, 0, id="debian-success"),
    pytest.param(DEBIAN % b"acct_expired" + TAIL, 7, id="debian-expired"),
    pytest.param(DEBIAN % b"new_authtok_reqd" + TAIL, 12, id="debian-password-to-change"),
    pytest.param(b"account required pam_permit.so\n@include @/missing\n", ABORT, id="missing-include-of-debian"),
    pytest.param(b"account required pam_permit.so\naccount include @/missing\n", 6, id="missing-include"),
    pytest.param(b"account required pam_permit.so \\\n", ABORT, id="ends-behind-a-backslash"),
    pytest.param(b"account required \\\npam_permit.so\n", 0, id="continued"),
    pytest.param(b"account required pam_permit.so # \\\naccount required pam_deny.so\n", 7, id="no-joined-comment"),
    pytest.param(
        b"account required pam_permit.so \\ # x\naccount required pam_deny.so\n", 7, id="backslash-then-comment"
    ),
    pytest.param(b"foo required pam_permit.so\n", 13, id="unknown-type-counts-as-auth"),
    pytest.param(b"account include @/odd\n", 6, id="unknown-type-in-an-include-counts-as-its-type"),
    pytest.param(b"Account REQUIRED pam_permit.so", 0, id="case-and-no-last-newline"),
    pytest.param(b"account required .so\n", ABORT, id="module-without-a-name"),
    pytest.param(
        b"account required pam_deny.so\naccount [success=reset] pam_permit.so\naccount required pam_permit.so\n",
        0,
        id="reset-forgets",
    ),
    pytest.param(
        b"account required pam_deny.so\naccount substack @/reset\naccount required pam_permit.so\n",
        7,
        id="reset-in-a-substack-forgets-as-far-as-its-start",
    ),
    pytest.param(b"account substack @/die\naccount required pam_permit.so\n", 7, id="die-in-a-substack"),
    pytest.param(b"account required pam_debug.so acct=incomplete\n", 31, id="incomplete"),
]
FILES = {
    "other": stacks.OTHER,
    "empty": b"# nothing\n",
    "enough": b"account sufficient pam_permit.so\naccount required pam_deny.so\n",
    "odd": b"account required pam_permit.so\nfoo required pam_permit.so\n",
    "reset": b"account required pam_deny.so\naccount [success=reset] pam_permit.so\n",
    "die": b"account requisite pam_deny.so\naccount [default=reset] pam_permit.so\n",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[bytes, int]:
    """What libpam makes of all cases, asked in one process."""
    folder = tmp_path_factory.mktemp("cases")
    texts = [case.values[0] for case in CASES]
    real.plant(folder, {**FILES, **{f"case{number}": text for number, text in enumerate(texts)}})
    return dict(zip(texts, real.answers(folder, [Ask(f"case{n}") for n in range(len(texts))]), strict=True))


@pytest.mark.parametrize(("text", "code"), CASES)
def test_what_libpam_makes_of(said: Mapping[bytes, int], text: bytes, code: int) -> None:
    host = stacks.in_pam_d({**FILES, "service": text})
    assert (said[text], ours(read(host, "service", debian=True), Stage.ACCOUNT)) == (code, code)


def test_no_rule_for_a_stage_refuses() -> None:
    found = ways(read({"/etc/pam.d/sshd": b"auth required pam_permit.so\n"}).rules(Stage.ACCOUNT), lambda _: ())
    assert found == (Way(Code.PERM_DENIED, why="there is no rule for it"),)
