"""What the modules of second factors decide: enrolment, options, servers that are away."""

from __future__ import annotations

import time
from collections.abc import Iterator

from lab.spec import AUDITOR_ADDRESS, File, Link

from second_factor.case import Case
from second_factor.person import person

from . import making
from .making import BOTH_METHODS, CODE, COMMON, UNIX, alice, case, enrolled, with_code

_NULLOK = CODE.replace("\n", " nullok\n")
_FORWARD = "auth requisite pam_google_authenticator.so forward_pass\nauth required pam_unix.so use_first_pass\n"
_NO_CONTENT = "a secret's file is never read, only that it is there"
_SERVER_DECIDES = "what the server asks for stands on the server"
_DEBIAN_12 = "Debian 12's pam_u2f 1.1.0 refuses whom nouserok lets pass elsewhere, and its version is not collected"
_PERMIT = "auth required pam_permit.so\n"
_OATH = "auth required pam_oath.so usersfile=/etc/users.oath window=100 digits=6\n"
RADIUS_SECRET = "of-the-tests"


def cases() -> Iterator[Case]:
    yield from _google()
    yield from _oath()
    yield from _duo()
    yield from _radius()
    yield from _u2f()
    yield from _yubico()


def _with(options: str) -> str:
    return CODE.replace("\n", f" {options}\n")


def _google() -> Iterator[Case]:
    yield case("google/enrolled", auth=UNIX + CODE, account=with_code())
    yield case("google/not-enrolled", auth=UNIX + CODE)
    yield case("google/nullok-enrolled", auth=UNIX + _NULLOK, account=with_code())
    yield case("google/nullok-not-enrolled", auth=UNIX + _NULLOK, brief=True)
    yield case("google/nullok-not-enrolled-first", auth=_NULLOK + UNIX)
    yield case("google/nullok-not-enrolled-key-then-kbd", BOTH_METHODS, auth=COMMON + _NULLOK)
    for mode in (0o600, 0o644, 0o440):
        yield case(f"google/mode-{mode:o}", auth=UNIX + CODE, account=alice(files=enrolled(mode=mode)))
    yield case("google/mode-644-nullok", auth=UNIX + _NULLOK, account=alice(files=enrolled(mode=0o644)))
    yield case(
        "google/mode-644-allowed", auth=UNIX + _with("allowed_perm=0644"), account=alice(files=enrolled(mode=0o644))
    )
    yield case("google/owner-root", auth=UNIX + CODE, account=alice(files=enrolled(uid=0, gid=0)))
    yield case("google/owner-root-nullok", auth=UNIX + _NULLOK, account=alice(files=enrolled(uid=0, gid=0)))
    yield case(
        "google/owner-root-readable-nullok",
        auth=UNIX + _NULLOK,
        account=alice(files=enrolled(uid=0, gid=0, mode=0o644)),
    )
    yield case(
        "google/owner-root-not-strict",
        auth=UNIX + _with("no_strict_owner allowed_perm=0644"),
        account=alice(files=enrolled(uid=0, gid=0, mode=0o644)),
    )
    yield case(
        "google/empty-file-nullok",
        auth=UNIX + _NULLOK,
        account=alice(files={".google_authenticator": File(b"", 0o400)}),
        broader=_NO_CONTENT,
    )
    yield case(
        "google/damaged-file-nullok",
        auth=UNIX + _NULLOK,
        account=alice(files={".google_authenticator": File(b"??\n", 0o400)}),
        broader=_NO_CONTENT,
    )
    yield case(
        "google/dangling-link-nullok",
        auth=UNIX + _NULLOK,
        account=alice(files={".google_authenticator": Link("/nowhere")}),
    )
    yield case("google/unknown-option", auth=UNIX + _with("no_such_option"), account=with_code(), brief=True)
    yield case("google/unknown-option-nullok", auth=UNIX + _with("nullok no_such_option"))
    yield case("google/option-in-capitals", auth=UNIX + _with("NULLOK"))
    yield case(
        "google/forward-pass",
        auth=_FORWARD,
        account=with_code(),
    )
    yield case(
        "google/forward-pass-nullok-not-enrolled",
        auth=_FORWARD.replace("forward_pass", "forward_pass nullok"),
    )
    yield case("google/try-first-pass", auth=UNIX + _with("try_first_pass"), account=with_code())
    yield case("google/use-first-pass", auth=UNIX + _with("use_first_pass"), account=with_code())
    place = "secret=/var/lib/codes/${USER}"
    elsewhere = {"/var/lib/codes/alice": File(enrolled()[".google_authenticator"].data, 0o400, 0, 0)}  # type: ignore[union-attr]
    yield case("google/secret-elsewhere-as-root", auth=UNIX + _with(f"{place} user=root"), files=elsewhere)
    yield case(
        "google/secret-elsewhere-as-root-nullok", auth=UNIX + _with(f"{place} user=root nullok"), files=elsewhere
    )
    yield case(
        "google/secret-elsewhere-nullok-not-enrolled",
        auth=UNIX + _with(f"{place} user=root nullok"),
        account=with_code(),
    )
    remembered = f'" TOTP_AUTH\n" LAST0 {AUDITOR_ADDRESS} {int(time.time())}\n'
    yield case(
        "google/grace-period-remembered",
        auth=UNIX + _with("grace_period=86400"),
        account=alice(files=enrolled(remembered, mode=0o600)),
        remembered=True,
    )
    yield case(
        "google/no-grace-period-remembered", auth=UNIX + CODE, account=alice(files=enrolled(remembered, mode=0o600))
    )
    yield case(
        "google/counted",
        auth=UNIX + CODE,
        account=alice(files=enrolled('" HOTP_COUNTER 1\n" WINDOW_SIZE 100\n', mode=0o600)),
        counted=True,
    )
    yield case("google/authtok-prompt", auth=UNIX + _with("[authtok_prompt=Code, please: ]"), account=with_code())


def _oath() -> Iterator[Case]:
    line = f"HOTP alice - {person().seed.hex()}\n".encode()
    users = {"/etc/users.oath": File(line, 0o600)}
    yield case("oath/enrolled", auth=UNIX + _OATH, files=users, counted=True, brief=True)
    yield case(
        "oath/no-line", auth=UNIX + _OATH, files={"/etc/users.oath": File(line.replace(b"alice", b"bob"), 0o600)}
    )
    yield case("oath/no-file", auth=UNIX + _OATH)
    skipping = "[success=ok user_unknown=ignore default=die]"
    yield case(
        "oath/no-line-is-ignored",
        auth=UNIX + _OATH.replace("required", skipping),
        files={"/etc/users.oath": File(line.replace(b"alice", b"bob"), 0o600)},
    )
    yield case("oath/no-file-is-ignored", auth=UNIX + _OATH.replace("required", skipping))
    yield case("oath/enrolled-and-skipping", auth=UNIX + _OATH.replace("required", skipping), files=users, counted=True)
    yield case("oath/sufficient-first", auth=_OATH.replace("required", "sufficient") + UNIX, files=users, counted=True)
    yield case("oath/key-then-code", BOTH_METHODS, auth=_OATH, files=users, counted=True)
    yield case("oath/unknown-option", auth=UNIX + _OATH.replace("\n", " no_such_option\n"), files=users, counted=True)
    yield case("oath/no-usersfile", auth=UNIX + "auth required pam_oath.so\n", files=users)


def _duo() -> Iterator[Case]:
    duo = "auth required pam_duo.so\n"

    def case(name: str, *config: str, **fields: object) -> Case:
        return making.case(name, *config, **({"away": "code", "unknowable": _SERVER_DECIDES} | fields))  # type: ignore[arg-type]

    def conf(mode: str) -> dict[str, File]:
        text = f"[duo]\nikey = DIXXXXXXXXXXXXXXXXXX\nskey = {'x' * 40}\nhost = 127.0.0.1\n{mode}"
        return {"/etc/security/pam_duo.conf": File(text.encode(), 0o600)}

    yield case("duo/away-safe", auth=UNIX + duo, files=conf("failmode = safe\n"), brief=True)
    yield case("duo/away-default", auth=UNIX + duo, files=conf(""))
    yield case("duo/away-secure", auth=UNIX + duo, files=conf("failmode = secure\n"))
    yield case("duo/no-conf", auth=UNIX + duo, prepare=(("rm", "/etc/security/pam_duo.conf"),))
    yield case("duo/conf-as-debian-ships-it", auth=UNIX + duo)
    yield case("duo/conf-is-missing", auth=UNIX + "auth required pam_duo.so conf=/etc/duo/nowhere.conf\n")
    yield case(
        "duo/conf-without-keys",
        auth=UNIX + duo,
        files={"/etc/security/pam_duo.conf": File(b"[duo]\nfailmode = secure\n", 0o600)},
    )
    readable = {path: File(file.data, 0o644) for path, file in conf("failmode = secure\n").items()}
    yield case("duo/conf-readable-by-all", auth=UNIX + duo, files=readable)
    yield case("duo/unknown-key-in-conf", auth=UNIX + duo, files=conf("failmode = secure\nno_such_key = 1\n"))
    yield case(
        "duo/group-exempt",
        auth=UNIX + duo,
        files=conf("failmode = secure\ngroups = ops\n"),
        groups={"ops": 500},
    )
    yield case(
        "duo/group-asked",
        auth=UNIX + duo,
        account=alice(groups=("ops",)),
        files=conf("failmode = secure\ngroups = ops\n"),
        groups={"ops": 500},
    )
    yield case("duo/key-then-duo-away-safe", BOTH_METHODS, auth=duo + _PERMIT, files=conf("failmode = safe\n"))
    yield case(
        "duo/sufficient-away-safe",
        auth="auth sufficient pam_duo.so\n" + UNIX,
        files=conf("failmode = safe\n"),
    )


def _radius() -> Iterator[Case]:
    ask = "auth required pam_radius_auth.so retry=1 prompt=Code\n"

    def case(name: str, *config: str, **fields: object) -> Case:
        return making.case(name, *config, **({"unknowable": _SERVER_DECIDES} | fields))  # type: ignore[arg-type]

    def server(address: str) -> dict[str, File]:
        return {"/etc/pam_radius_auth.conf": File(f"{address} {RADIUS_SECRET} 2\n".encode(), 0o600)}

    up, down = server(f"{AUDITOR_ADDRESS}:1812"), server("127.0.0.1:1812")
    first = "auth sufficient pam_radius_auth.so retry=1 prompt=Code\n" + UNIX
    yield case("radius/up-required", auth=UNIX + ask, files=up, radius=True)
    asked_anew = ask.replace("\n", " force_prompt\n")
    yield case("radius/up-asked-anew", auth=UNIX + asked_anew, files=up, radius=True, brief=True)
    yield case("radius/up-first-then-password", auth=ask + UNIX, files=up, radius=True)
    yield case("radius/up-skip-passwd", auth=UNIX + ask.replace("\n", " skip_passwd\n"), files=up, radius=True)
    yield case("radius/up-use-first-pass", auth=ask + UNIX.replace("\n", " use_first_pass\n"), files=up, radius=True)
    yield case("radius/up-sufficient-first", auth=first, files=up, radius=True)
    yield case("radius/up-key-then-kbd", BOTH_METHODS, auth=UNIX + asked_anew, files=up, radius=True)
    yield case("radius/away-required", auth=UNIX + ask, files=down, away="code")
    yield case("radius/away-sufficient-first", auth=first, files=down, away="code", brief=True)
    yield case("radius/away-local-if-down", auth=UNIX + ask.replace("\n", " localifdown\n"), files=down, away="code")
    yield case("radius/no-conf", auth=UNIX + ask, prepare=(("rm", "/etc/pam_radius_auth.conf"),), away="code")
    yield case(
        "radius/no-conf-local-if-down",
        auth=UNIX + ask.replace("\n", " localifdown\n"),
        prepare=(("rm", "/etc/pam_radius_auth.conf"),),
        away="code",
    )
    yield case(
        "radius/unavailable-is-ignored",
        auth=UNIX + ask.replace("required", "[success=ok authinfo_unavail=ignore default=die]"),
        files=down,
        away="code",
    )


def _u2f() -> Iterator[Case]:
    mapping = {"/etc/u2f_mappings": File(b"alice:aaaa,bbbb,es256,+presence\n")}
    place = "authfile=/etc/u2f_mappings"

    def ask(options: str) -> str:
        return f"auth required pam_u2f.so {options}\n"

    yield case("u2f/enrolled", auth=UNIX + ask(place), files=mapping, away="key")
    yield case(
        "u2f/not-enrolled",
        auth=UNIX + ask(place),
        files={"/etc/u2f_mappings": File(b"bob:aaaa,bbbb,es256,+presence\n")},
        away="key",
    )
    yield case("u2f/no-file", auth=UNIX + ask(place), away="key")
    yield case("u2f/no-file-nouserok", auth=UNIX + ask(f"{place} nouserok"), away="key", brief=True)
    yield case(
        "u2f/not-enrolled-nouserok",
        auth=UNIX + ask(f"{place} nouserok"),
        files={"/etc/u2f_mappings": File(b"bob:aaaa,bbbb,es256,+presence\n")},
        broader=_DEBIAN_12,
        away="key",
    )
    yield case("u2f/enrolled-nouserok", auth=UNIX + ask(f"{place} nouserok"), files=mapping, away="key")
    yield case("u2f/alwaysok", auth=UNIX + ask(f"{place} alwaysok"), files=mapping, away="key")
    yield case("u2f/alwaysok-alone", auth=ask(f"{place} alwaysok"), files=mapping, away="key")
    yield case(
        "u2f/sufficient-alwaysok",
        auth=f"auth sufficient pam_u2f.so {place} alwaysok\n" + UNIX,
        files=mapping,
        away="key",
    )
    yield case(
        "u2f/home-file-nouserok",
        auth=UNIX + ask("nouserok"),
        account=alice(files={".config/Yubico/u2f_keys": File(mapping["/etc/u2f_mappings"].data, 0o600)}),
        away="key",
    )
    yield case("u2f/no-home-file-nouserok", auth=UNIX + ask("nouserok"), away="key")


def _yubico() -> Iterator[Case]:
    def ask(options: str) -> str:
        return f"auth required pam_yubico.so id=16 urllist=http://127.0.0.1:1/wsapi/2.0/verify {options}\n"

    mapping = {"/etc/yubikey_mappings": File(b"alice:cccccccccccb\n")}
    place = "authfile=/etc/yubikey_mappings"
    yield case("yubico/enrolled-away", auth=UNIX + ask(place), files=mapping, away="code")
    yield case("yubico/not-enrolled-away", auth=UNIX + ask(place), away="code")
    yield case(
        "yubico/nullok-not-enrolled",
        auth=UNIX + ask(f"{place} nullok"),
        files={"/etc/yubikey_mappings": File(b"bob:cccccccccccb\n")},
        away="code",
    )
    yield case("yubico/alwaysok", auth=UNIX + ask(f"{place} alwaysok"), files=mapping, away="code")
