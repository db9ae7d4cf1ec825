"""Accounts: locks, expiry, shells, root under other names, lists of who may enter, and PAM's account stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lab.spec import File, Link, Node

from differential.case import Case, Scene
from differential.cases import account
from differential.keys import certificate, fingerprint, fresh, line_of, pair

KEYS = ".ssh/authorized_keys"
_BRIEF = frozenset({"bang", "expired", "shell-nologin", "shell-missing"})
_HASH = "$6$saltsalt$" + "A" * 86  # of no password

_STATES: dict[str, dict[str, object]] = {
    "star": {"shadow": "*"},
    "bang": {"shadow": "!"},
    "bang-bang": {"shadow": "!!"},
    "bang-star": {"shadow": "!*"},
    "bang-hash": {"shadow": f"!{_HASH}"},
    "star-bang": {"shadow": "*!"},
    "hash": {"shadow": _HASH},
    "empty": {"shadow": ""},
    "lk": {"shadow": "*LK*"},
    "lk-hash": {"shadow": f"*LK*{_HASH}"},
    "x": {"shadow": "x"},
    "np": {"shadow": "NP"},
    "expired": {"shadow": "*", "ages": ("19700", "0", "99999", "7", "", "1")},
    "expired-yesterday": {"shadow": "*", "ages": ("19700", "0", "99999", "7", "", "@TODAY-1@")},
    "expires-tomorrow": {"shadow": "*", "ages": ("19700", "0", "99999", "7", "", "@TODAY+1@")},
    "expires-on-day-0": {"shadow": "*", "ages": ("19700", "0", "99999", "7", "", "0")},
    "expires-never": {"shadow": "*", "ages": ("19700", "0", "99999", "7", "", "-1")},
    "must-change": {"shadow": _HASH, "ages": ("0", "0", "99999", "7", "", "")},
    "must-change-star": {"shadow": "*", "ages": ("0", "0", "99999", "7", "", "")},
    "password-too-old": {"shadow": _HASH, "ages": ("10000", "0", "30", "7", "", "")},
    "password-too-old-and-inactive": {"shadow": _HASH, "ages": ("10000", "0", "30", "7", "5", "")},
    "password-too-old-inactive-star": {"shadow": "*", "ages": ("10000", "0", "30", "7", "5", "")},
    "changed-in-the-future": {"shadow": _HASH, "ages": ("60000", "0", "99999", "7", "", "")},
    "no-ages": {"shadow": "*", "ages": ("", "", "", "", "", "")},
    "shell-nologin": {"shell": "/usr/sbin/nologin"},
    "shell-false": {"shell": "/bin/false"},
    "shell-missing": {"shell": "/bin/no-such-shell"},
    "shell-empty": {"shell": ""},
    "shell-not-executable": {"shell": "/etc/passwd"},
    "shell-folder": {"shell": "/etc"},
    "shell-link": {"shell": "/srv/shell-link"},
    "shell-link-dangling": {"shell": "/srv/shell-dangling"},
    "shell-executable-by-owner-only": {"shell": "/srv/shell-0700"},
    "shell-not-in-shells": {"shell": "/usr/bin/env"},
    "shell-relative": {"shell": "bin/sh"},
    "shell-with-blank": {"shell": "/bin/sh -i"},
    "gid-without-a-group": {"gid": 3888},
    "uid-0": {"uid": 0, "gid": 0, "home": "/srv/toor-@NAME@"},
}
_FILES: Mapping[str, Node] = {
    "/srv/shell-link": Link("/bin/sh"),
    "/srv/shell-dangling": Link("/bin/no-such-shell"),
    "/srv/shell-0700": File(b"#!/bin/sh\n", 0o700),
}
_NAMES = ("dot.ted", "dash-ed", "under_scored", "Capital", "9digits", "x" * 32, "dollar$")


def scenes(today: int) -> Iterator[Scene]:
    """Hosts with and without PAM; `today` counts days as shadow(5) does."""
    for name, config in (("pam", "UsePAM yes\n"), ("no-pam", "UsePAM no\n")):
        cases = [
            plain_case(
                f"accounts/{name}-{title}",
                brief=title in _BRIEF,
                # such a session runs the shell, or passwd, and not our command
                line_limits=not title.startswith(("shell-", "must-change", "password-too-old")),
                **_dated(fields, today),
            )
            for title, fields in _STATES.items()
        ]
        cases += [plain_case(f"accounts/{name}-named-{title}", name=title) for title in _NAMES if name == "pam"]
        yield Scene(f"accounts-{name}", tuple(cases), config, files=_FILES)
    yield from _roots()
    yield from _lists()
    yield from _stages()


def plain_case(
    title: str,
    *,
    name: str | None = None,
    options: bytes = b"",
    brief: bool = False,
    unknowable: str | None = None,
    password: str | None = None,
    line_limits: bool = True,
    **fields: object,
) -> Case:
    """An account with one plain key file."""
    key = fresh()
    files = {KEYS: File(options + line_of(key) + b"\n", 0o600)}
    if password is not None:
        fields = {"password": password, "hash_method": "sha512crypt"} | fields
    return Case(
        title,
        account(**fields, files=files),
        pair(key),
        fingerprint(key),
        name=name,
        password=password,
        line_limits=line_limits,
        brief=brief,
        unknowable=unknowable,
    )


def _dated(fields: dict[str, object], today: int) -> dict[str, object]:
    ages = fields.get("ages")
    if not isinstance(ages, tuple):
        return fields
    days = {"@TODAY-1@": str(today - 1), "@TODAY+1@": str(today + 1)}
    return fields | {"ages": tuple(days.get(age, age) for age in ages)}


# ---------------------------------------------------------------- root

_ROOT_LOGINS = ("yes", "no", "prohibit-password", "without-password", "forced-commands-only")


def _roots() -> Iterator[Scene]:
    for value in _ROOT_LOGINS:
        yield Scene(f"root-{value}", tuple(_root_cases(f"root/{value}")), f"UsePAM yes\nPermitRootLogin {value}\n")
    config = "UsePAM yes\nPermitRootLogin forced-commands-only\nForceCommand echo forced-by-settings\n"
    yield Scene("root-force-command", tuple(_root_cases("root/force-command")), config)
    config = "UsePAM yes\nPermitRootLogin no\nMatch Address 10.77.0.2\nPermitRootLogin yes\n"
    yield Scene("root-by-address", tuple(_root_cases("root/by-address")), config)
    config = "UsePAM yes\nPermitRootLogin yes\nMatch User root\nPermitRootLogin no\n"
    yield Scene("root-by-user", tuple(_root_cases("root/by-user")), config)


def _root_cases(title: str) -> Iterator[Case]:
    """root and another name of uid 0, each with a plain key and one with a forced command; certificates for root."""
    for name, home in (("root", "/root"), ("toor", "/srv/toor")):
        plain, forced, ca = fresh(), fresh(), fresh()
        lines = b'%b\ncommand="echo forced" %b\ncert-authority %b\n' % tuple(map(line_of, (plain, forced, ca)))
        entry = account(uid=0, gid=0, home=home, files={KEYS: File(lines, 0o600)})
        for what, key in (("plain", plain), ("forced", forced)):
            brief = "forced-commands-only" in title
            yield Case(f"{title}-{name}-{what}", entry, pair(key), fingerprint(key), name=name, brief=brief)
        user = fresh()
        signed = certificate(ca, user, [name], force_command="echo by-certificate")
        yield Case(f"{title}-{name}-certificate", entry, pair(user, signed), fingerprint(ca), certified=True, name=name)


# ---------------------------------------------------------------- who may enter

# settings, and for each account what groups it has; the names of the accounts are those of the keys
_LISTS: dict[str, str] = {
    "allow-one": "AllowUsers alice\n",
    "allow-two-lines": "AllowUsers alice\nAllowUsers bob\n",
    "allow-pattern": "AllowUsers a* ?ob\n",
    "allow-at-address": "AllowUsers alice@10.77.0.1 bob@10.9.0.0/16\n",
    "allow-at-cidr": "AllowUsers alice@10.77.0.0/24\n",
    "allow-at-pattern": "AllowUsers alice@10.77.0.? *@10.77.0.2\n",
    "allow-at-name": "AllowUsers alice@*.example.org bob@localhost\n",
    "allow-nobody-we-have": "AllowUsers zed\n",
    "allow-capital": "AllowUsers Alice\n",
    "allow-negated": "AllowUsers !alice *\n",
    "allow-negated-alone": "AllowUsers !alice\n",
    "deny-one": "DenyUsers alice\n",
    "deny-pattern": "DenyUsers a*\n",
    "deny-all": "DenyUsers *\n",
    "deny-at-address": "DenyUsers alice@10.77.0.1 *@10.77.0.2\n",
    "deny-both-addresses": "DenyUsers alice@10.77.0.*\n",
    "deny-negated": "DenyUsers !alice *\n",
    "deny-and-allow": "DenyUsers alice\nAllowUsers alice bob\n",
    "allow-group": "AllowGroups ops\n",
    "allow-group-pattern": "AllowGroups op*\n",
    "allow-primary-group": "AllowGroups carol\n",
    "allow-group-negated": "AllowGroups !ops *\n",
    "allow-group-nobody": "AllowGroups wheel\n",
    "deny-group": "DenyGroups ops\n",
    "deny-group-primary": "DenyGroups alice\n",
    "deny-group-negated": "DenyGroups !ops *\n",
    "allow-user-and-group": "AllowUsers alice bob\nAllowGroups ops\n",
    "deny-group-allow-user": "DenyGroups ops\nAllowUsers alice\n",
    "match-allow": "AllowUsers bob\nMatch Address 10.77.0.2\nAllowUsers alice\n",
    "match-deny": "Match User alice\nDenyUsers alice\n",
    "match-group-allow": "Match Group ops\nAllowUsers bob\n",
}


# those that neither of the lab's usual two addresses is in
_SOURCES = {
    "allow-at-address": "10.9.0.1",
    "deny-at-address": "10.77.0.3",
    "deny-both-addresses": "192.0.2.1",
}


def _lists() -> Iterator[Scene]:
    for title, config in _LISTS.items():
        cases: tuple[Case, ...] = (
            plain_case(f"lists/{title}-alice", name="alice", groups=("ops",), brief=title in ("allow-at-address",)),
            plain_case(f"lists/{title}-bob", name="bob"),
            plain_case(f"lists/{title}-carol", name="carol"),
        )
        if title in _SOURCES:
            cases = tuple(replace(case, sources=(*case.sources, _SOURCES[title])) for case in cases)
        yield Scene(f"lists-{title}", cases, f"UsePAM yes\n{config}", groups={"ops": 3600})


# ---------------------------------------------------------------- PAM's account stage

_PAM_HEAD = "auth required pam_deny.so\nsession required pam_permit.so\n"
_UNIX = "account required pam_unix.so\n"
_STAGES: dict[str, tuple[str, dict[str, str], bool]] = {
    # account lines of the service, other files, whether PAM is used
    "unix": (_UNIX, {}, True),
    "permit": ("account required pam_permit.so\n", {}, True),
    "deny": ("account required pam_deny.so\n", {}, True),
    "deny-without-pam": ("account required pam_deny.so\n", {}, False),
    "empty": ("", {}, True),
    "optional-deny": (f"account optional pam_deny.so\n{_UNIX}", {}, True),
    "only-optional-deny": ("account optional pam_deny.so\n", {}, True),
    "sufficient-then-deny": ("account sufficient pam_permit.so\naccount required pam_deny.so\n", {}, True),
    "jump-over-deny": (
        f"account [success=1 default=ignore] pam_unix.so\naccount required pam_deny.so\n{_UNIX}",
        {},
        True,
    ),
    "missing-module": (f"account required pam_no_such_module.so\n{_UNIX}", {}, True),
    "missing-module-dash": (f"-account required pam_no_such_module.so\n{_UNIX}", {}, True),
    "missing-module-optional": (f"account optional pam_no_such_module.so\n{_UNIX}", {}, True),
    "nologin-absent": (f"account required pam_nologin.so\n{_UNIX}", {}, True),
    "nologin": (f"account required pam_nologin.so\n{_UNIX}", {"/etc/nologin": "closed\n"}, True),
    "nologin-not-asked": (_UNIX, {"/etc/nologin": "closed\n"}, True),
    "nologin-without-pam": (_UNIX, {"/etc/nologin": "closed\n"}, False),
    "access": (
        f"account required pam_access.so\n{_UNIX}",
        {"/etc/security/access.conf": "+:alice:ALL\n-:bob:10.77.0.2\n-:carol:ALL\n"},
        True,
    ),
    "access-default-deny": (
        f"account required pam_access.so\n{_UNIX}",
        {"/etc/security/access.conf": "# all others out\n+ : alice (ops) : ALL\n- : ALL EXCEPT root : ALL\n"},
        True,
    ),
    "access-network": (
        f"account required pam_access.so accessfile=/etc/ours.conf\n{_UNIX}",
        {"/etc/ours.conf": "+:ALL:10.77.0.0/31\n-:ALL:ALL\n"},
        True,
    ),
    "access-group": (
        f"account required pam_access.so\n{_UNIX}",
        {"/etc/security/access.conf": "-:ALL EXCEPT (ops):ALL\n"},
        True,
    ),
    "access-file-missing": (f"account required pam_access.so accessfile=/etc/no-such.conf\n{_UNIX}", {}, True),
    "listfile-allow": (
        f"account required pam_listfile.so item=user sense=allow file=/etc/allowed onerr=fail\n{_UNIX}",
        {"/etc/allowed": "alice\n"},
        True,
    ),
    "listfile-deny": (
        f"account required pam_listfile.so item=user sense=deny file=/etc/denied onerr=succeed\n{_UNIX}",
        {"/etc/denied": "alice\ncarol"},
        True,
    ),
    "listfile-missing-fail": (
        f"account required pam_listfile.so item=user sense=deny file=/etc/no-such onerr=fail\n{_UNIX}",
        {},
        True,
    ),
    "listfile-missing-succeed": (
        f"account required pam_listfile.so item=user sense=allow file=/etc/no-such onerr=succeed\n{_UNIX}",
        {},
        True,
    ),
    "listfile-group": (
        f"account required pam_listfile.so item=group sense=allow file=/etc/allowed onerr=fail\n{_UNIX}",
        {"/etc/allowed": "ops\n"},
        True,
    ),
    "listfile-world-writable": (
        f"account required pam_listfile.so item=user sense=allow file=/tmp/loose onerr=fail\n{_UNIX}",
        {"/tmp/loose": "alice\n"},
        True,
    ),
    "succeed-if-group": (f"account required pam_succeed_if.so quiet user ingroup ops\n{_UNIX}", {}, True),
    "succeed-if-uid": (f"account required pam_succeed_if.so quiet uid >= 3000\n{_UNIX}", {}, True),
    "succeed-if-user": (f"account requisite pam_succeed_if.so user in alice:bob\n{_UNIX}", {}, True),
    "include": ("@include common-account\n", {}, True),
    "include-word": ("account include common-account\n", {}, True),
    "substack": ("account substack common-account\n", {}, True),
    "include-missing": (f"@include no-such-file\n{_UNIX}", {}, True),
}


def _stages() -> Iterator[Scene]:
    for title, (stack, files, pam) in _STAGES.items():
        cases = (
            plain_case(
                f"stage/{title}-alice",
                name="alice",
                groups=("ops",),
                brief=title == "access",
                line_limits=title != "nologin-without-pam",  # the session shows the file and ends
            ),
            plain_case(f"stage/{title}-bob", name="bob", line_limits=title != "nologin-without-pam"),
            plain_case(f"stage/{title}-carol", name="carol", line_limits=title != "nologin-without-pam"),
            plain_case(f"stage/{title}-root", name="root", uid=0, gid=0),
        )
        planted: dict[str, Node] = {path: File(text.encode(), 0o644) for path, text in files.items()}
        planted["/etc/pam.d/sshd"] = File((_PAM_HEAD + stack).encode())
        if title == "listfile-world-writable":
            planted["/tmp/loose"] = File(b"alice\n", 0o666)
        config = f"UsePAM {'yes' if pam else 'no'}\n"
        yield Scene(f"stage-{title}", cases, config, groups={"ops": 3600}, files=planted)
