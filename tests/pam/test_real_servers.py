"""Real pam_duo, pam_u2f, pam_yubico and pam_radius_auth: who passes without a token, and while servers are away."""

from __future__ import annotations

import pytest
from lab.tree import why_no_lab

from hygiene.openssh.connection import Source
from hygiene.pam.auth import Credentials, auth_stage
from hygiene.pam.question import Conf
from hygiene.pam.stack import read

from . import real, tokens
from .tokens import PLACE, Bench, File, Secrets

WHY_NOT = real.why_not() or why_no_lab()
pytestmark = [
    pytest.mark.real_sshd,  # it takes the same rights and the same tree
    pytest.mark.skipif(WHY_NOT is not None, reason=f"needs {WHY_NOT}"),
]

# nobody listens there
DUO = "[duo]\nikey = DI\nskey = {skey}\nhost = 127.0.0.1:9\n"
KEY = f"{'aGFuZGxl'},{'cHVibGlj'},es256,+presence"
UNIX = "auth requisite pam_unix.so nodelay\n"
WORD, NOTHING = frozenset({"password"}), frozenset[str]()


def _file(name: str, text: str, mode: int = 0o600, uid: int = 0) -> File:
    return File(PLACE / name, text, mode, uid)


def _files(secret: str) -> list[File]:
    duo = DUO.format(skey=secret)
    return [
        _file("duo-safe", duo),
        _file("duo-secure", duo + "failmode = secure\n"),
        _file("duo-others", duo + "failmode = secure\ngroups = users,!ops wheel*\n"),
        _file("duo-exempt", duo + "failmode = secure\ngroups = *,!ops nobody\n"),
        _file("duo-wide", duo + "failmode = secure\n", 0o640),
        _file("duo-broken", duo + "failmode = secure\nfailmode = never\n"),
        _file("duo-half", "[duo]\nfailmode = secure\nikey = DI\n"),
        _file("u2f-alice", f"bob:{KEY}\nalice:{KEY}\n", 0o644),
        _file("u2f-bob", f"bob:{KEY}\n", 0o644),
        _file("yubico-alice", "alice:cccccccccccc\n", 0o644),
        _file("yubico-bob", "# x\nbob:cccccccccccc\n", 0o644),
        _file("radius", f"# x\n127.0.0.1:9 {secret} 3\n"),
        _file("radius-none", "# x\n\n"),
    ]


def _seen(bench: Bench, secret: str) -> Conf:
    """The files as the collector lets them out."""
    contents = {str(file.path): file.text.replace(secret, "REDACTED").encode() for file in _files(secret)}
    for name in ("alice", "bob"):
        contents[f"{PLACE}/u2f-{name}"] = b"".join(
            b"%s:+presence\n" % who for who in ([b"alice"] if name == "alice" else [b"bob"])
        )
        contents[f"{PLACE}/yubico-{name}"] = f"{name}:\n".encode()
    contents[f"{PLACE}/radius"] = b"#\nserver\n"
    missing = {f"{PLACE}/none", "/etc/security/pam_u2f.conf", "/home/alice/.config/Yubico/u2f_keys"}
    return bench.conf(contents, {*missing, "/home/alice/.yubico/authorized_yubikeys"})


CASES = [
    pytest.param("required", "pam_duo.so conf=/mnt/none", {WORD}, id="duo-without-configuration"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-wide", {WORD}, id="duo-configuration-that-others-read"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-safe", {WORD}, id="duo-safe-and-away"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-secure", set(), id="duo-secure-and-away"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-others", set(), id="duo-a-group-that-is-asked"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-exempt", {WORD}, id="duo-an-exempt-group"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-broken", set(), id="duo-broken-behind-secure"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-half", set(), id="duo-half-behind-secure"),
    pytest.param("required", "pam_duo.so conf=/mnt/duo-safe quiet", set(), id="duo-unknown-option"),
    pytest.param("required", "pam_u2f.so authfile=/mnt/u2f-alice", set(), id="u2f-without-the-key"),
    pytest.param("required", "pam_u2f.so authfile=/mnt/u2f-alice nouserok", set(), id="u2f-nouserok-enrolled"),
    # before 1.1.0-1.1+deb12u1, and again since 1.3.1, nouserok let such an account pass
    pytest.param("required", "pam_u2f.so authfile=/mnt/u2f-bob nouserok", set(), id="u2f-nouserok-in-debian-12"),
    pytest.param("required", "pam_u2f.so authfile=/mnt/u2f-bob", set(), id="u2f-not-enrolled"),
    pytest.param("required", "pam_u2f.so authfile=/mnt/u2f-%u expand", set(), id="u2f-expand"),
    pytest.param("required", "pam_u2f.so nouserok", {WORD}, id="u2f-nouserok-without-a-file"),
    pytest.param("required", "pam_u2f.so alwaysok authfile=/mnt/u2f-alice", {WORD}, id="u2f-alwaysok"),
    pytest.param("required", "pam_yubico.so id=1 authfile=/mnt/yubico-bob nullok", {WORD}, id="yubico-nullok"),
    pytest.param("required", "pam_yubico.so id=1 authfile=/mnt/yubico-alice nullok", set(), id="yubico-enrolled"),
    # since 2.27 nullok lets such an account pass
    pytest.param("required", "pam_yubico.so id=1 nullok", set(), id="yubico-nullok-without-a-file-before-2.27"),
    pytest.param(
        "required", "pam_yubico.so id=1 nullok authfile=/mnt/none", set(), id="yubico-nullok-without-the-file"
    ),
    pytest.param("required", "pam_yubico.so id=1", set(), id="yubico-not-enrolled"),
    pytest.param("required", "pam_yubico.so id=1 authfile=/mnt/yubico-bob alwaysok", {WORD}, id="yubico-alwaysok"),
    pytest.param("required", "pam_radius_auth.so conf=/mnt/none", set(), id="radius-without-configuration"),
    pytest.param("required", "pam_radius_auth.so conf=/mnt/radius-none", set(), id="radius-without-a-server"),
    pytest.param("required", "pam_radius_auth.so conf=/mnt/radius", set(), id="radius-away"),
    pytest.param("required", "pam_radius_auth.so conf=/mnt/radius localifdown", {WORD}, id="radius-localifdown"),
    pytest.param(
        "[authinfo_unavail=ignore success=ok default=die]",
        "pam_radius_auth.so conf=/mnt/radius-none",
        {WORD},
        id="radius-unavailable-ignored",
    ),
]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[Credentials, set[frozenset[str]]]]:
    """What we say of each rule behind pam_unix, and what got in."""
    known = Secrets()
    secret = known.pin
    bench = Bench(tmp_path_factory.mktemp("servers"), known, _files(secret))
    conf = _seen(bench, secret)
    keys = [(str(case.values[0]), str(case.values[1])) for case in CASES]
    services = {f"s{n}": f"{UNIX}auth {control} {module}\n" for n, (control, module) in enumerate(keys)}
    bench.plant(services)
    opened = bench.opened({name: [(), ("password",)] for name in services})
    found = {}
    for (name, text), key in zip(services.items(), keys, strict=True):
        stacks = read({f"/etc/pam.d/{name}": text.encode()}, name, debian=True)
        found[key] = (auth_stage(stacks, bench.person(), Source("*"), conf), opened[name] or set())
    return found


@pytest.mark.parametrize(("control", "module", "expected"), CASES)
def test_who_is_let_pass_without_a_token(
    tried: dict[tuple[str, str], tuple[Credentials, set[frozenset[str]]]],
    control: str,
    module: str,
    expected: set[frozenset[str]],
) -> None:
    told, seen = tried[control, module]
    assert tokens.minimal(seen) == expected
    # a set with a condition is one that holds here, where no server can be reached
    sure = {one.given for one in told.sets if not one.given - WORD}
    maybe = {one.given for one in told.possible if not one.given - WORD}
    assert sure <= expected <= sure | maybe
