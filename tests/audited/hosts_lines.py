"""Hosts whose key files hold what lines can hold, in files with the owners and modes that files can have."""

from __future__ import annotations

from lab.spec import OTHER_ADDRESS, Directory, File, HostSpec, Link

from .keys import PASSWORD_OF_PEOPLE, Keys, deploy, root
from .machines import KeyFile, Planted, Try, Use
from .plant import BASE_ACCOUNTS, KEYS, KEYS2, PASSWORD, Key, broken, ed25519, line, no, person, raw, skipped

_NO_KEY = no("there is no key in the line", "typo")


def hosts(keys: Keys) -> list[Planted]:
    return [_plain(keys), _old_keys(keys), _options(keys), _odd(keys), _modes(keys)]


def _plain(keys: Keys) -> Planted:
    # the one of alice was never used
    uses = (
        Use("root", keys.ops, "10.1.0.5", (300, 120, 2)),
        Use("deploy", keys.deploy, "10.1.0.6", (350, 200)),
    )
    return Planted(
        HostSpec("a-web1", tenant="acme", tags=("web", "prod")),
        (root(keys), deploy(keys), person("alice", 1002, line(keys.small))),
        uses=uses,
        logged_days=400,
    )


def _old_keys(keys: Keys) -> Planted:
    people = (root(keys), deploy(keys), person("alice", 1002, line(keys.medium), line(keys.large), line(keys.curve)))
    uses = (
        Use("alice", keys.medium, "10.1.0.7", (100, 50, 1)),
        Use("alice", keys.medium, "203.0.113.9", (3,)),
        Use("alice", keys.large, "10.1.0.8", (5,)),
        Use("alice", keys.curve, "10.1.0.9", (390, 10)),
    )
    return Planted(HostSpec("a-web2", tenant="acme", tags=("web", "test")), people, uses=uses, logged_days=400)


def _options(keys: Keys) -> Planted:
    half, twofold = ed25519("half"), ed25519("twofold")
    lines = (
        line(ed25519("restricted"), "restrict"),
        line(ed25519("past"), expires="20200101", verdict=no("the line expired at 2020-01-01 00:00:00", "expired")),
        line(ed25519("future"), expires="20990101"),
        broken(ed25519("typo"), "no-ptyy", 'the option "no-ptyy" is not known to OpenSSH 9.2p1'),
        line(ed25519("anywhere"), from_="*", limits=False, marks=("from-everyone",)),
        line(ed25519("elsewhere"), from_=OTHER_ADDRESS, source=OTHER_ADDRESS),
        line(ed25519("not-us"), from_="!10.77.0.1,10.77.*", source=OTHER_ADDRESS),
        line(keys.authority, "cert-authority"),
        broken(ed25519("twice"), 'command="a",command="b"',
               "the option command= is given twice; OpenSSH 7.6 took the line", "version"),
        broken(ed25519("bits"), 'from="10.77.0.1/8"',
               "from= holds the network 10.77.0.1/8, whose host bits are set, so it never matches",
               marks=("from-item-dead",)),
        line(ed25519("named"), from_="auditor.example.org",
             verdict=no("from= holds host names only, and UseDNS is no", "source"), marks=("from-item-dead",)),
        line(ed25519("dated"), "restrict", "pty", command="/bin/date"),
        line(ed25519("shouted"), "NO-PTY", "No-Agent-Forwarding"),
        broken(ed25519("portless"), 'permitopen="localhost"', 'permitopen is "localhost", not host:port'),
        broken(ed25519("unquoted"), "tunnel=0", 'the value of "tunnel"= does not stand in double quotes'),
        # what was meant as a limit and is none
        line(half, from_="10.77.0.1, 10.77.0.2", marks=("from-item-dead",)),
        line(ed25519("behind"), comment='from="10.77.0.9" behind@planted', marks=("options-behind-key",)),
        line(ed25519("pin"), "verify-required", marks=("verify-without-effect",)),
        line(twofold),
        line(twofold, from_=OTHER_ADDRESS, marks=("shadowed",)),
        # of this one only certificates with that name are taken
        line(keys.named, "cert-authority", principals="night-shift"),
    )  # fmt: skip
    signed = {"key": keys.visitor, "authority": keys.authority}
    tries = (
        Try("svc", False, half, source=OTHER_ADDRESS),
        Try("svc", False, keys.authority),
        Try("svc", True, **signed, principals=("svc",)),  # type: ignore[arg-type]
        Try("svc", True, **signed),  # type: ignore[arg-type]  # it names nobody, which OpenSSH 9.2 takes for everybody
        Try("svc", False, **signed, principals=("root",)),  # type: ignore[arg-type]
        Try("svc", False, keys.visitor, keys.named, ("svc",)),
        Try("svc", False, keys.visitor, keys.named),
        Try("svc", True, keys.visitor, keys.named, ("night-shift",)),
    )
    people = (
        root(
            keys, line(keys.backup, from_=OTHER_ADDRESS, source=OTHER_ADDRESS), line(keys.jobs, command="/usr/bin/id")
        ),
        person("svc", 1003, *lines),
    )  # fmt: skip
    return Planted(HostSpec("a-db1", tenant="acme", tags=("db",)), people, tries=tries)


def _odd(keys: Keys) -> Planted:
    odd = [ed25519(f"odd{number}") for number in range(12)]
    text = [key.public.encode() for key in odd]
    lines = (
        skipped(b"# keys of the night shift"),
        skipped(b"  \t"),
        raw(b"\t  " + text[0] + b" tab", odd[0], comment="tab"),
        raw(text[1].replace(b" ", b" \t ") + b"\t\ttwo words", odd[1], comment="two words", marks=("obfuscated",)),
        raw(text[2] + b" nul\0no-pty", odd[2], comment="nul"),
        # the string ends before it has begun
        raw(b"\0" + text[3], verdict=no("the line starts with a NUL byte", "typo")),
        raw(text[4] + b" cr\r", odd[4], comment="cr"),
        raw(text[5] + b"\r", odd[5]),
        raw(text[6] + b" m\xfcller", odd[6], comment="m\\xfcller"),
        raw(b"no-pty, no-user-rc " + text[7], verdict=_NO_KEY),
        raw(b'command="id ' + text[8], verdict=no("a double quote in the options is not closed", "typo")),
        raw(b"ssh-rsa " + text[9].split()[1], verdict=no("the key is of another type than the line says", "typo")),
        raw(text[10][:-5], verdict=no("the base64 of the key has a wrong length or padding", "typo")),
        # two lines for one key: the first is dead, the second lets in
        broken(odd[11], "no-pty,colour", 'the option "colour" is not known to OpenSSH 9.2p1'),
        line(odd[11], "no-pty"),
    )
    pasted, below = ed25519("pasted"), ed25519("below")
    private = pasted.pair.export_private_key().splitlines()
    paste = (
        line(ed25519("above")),
        *(raw(part, verdict=_NO_KEY) for part in private),
        line(below),
    )
    shadow = tuple(raw(b"", verdict=_NO_KEY) for _ in range(BASE_ACCOUNTS + 3))
    people = (
        root(keys),
        person("odd", 1004, *lines, more={KEYS2: (line(ed25519("second-file")),)}),
        # its hash stands in the file that the next one links to
        person("paste", 1005, *paste, password=PASSWORD_OF_PEOPLE, ways=[PASSWORD]),
        # sshd cannot read the file as this account; our collector does, and must let none of it out
        person("linked", 1006, more={KEYS: shadow}, files={KEYS: Link("/etc/shadow")}),
    )
    return Planted(
        HostSpec("a-db2", tenant="acme", tags=("db",)),
        people,
        key_files=(
            KeyFile(
                f"/home/paste/{KEYS}", pasted.pair.export_private_key(), "openssh", "paste", key=pasted,
                secret=pasted, planted=False,
            ),
        ),
    )  # fmt: skip


def _modes(keys: Keys) -> Planted:
    def key(name: str) -> Key:
        return ed25519(name)

    moved, led = line(key("moved")), line(key("led"))
    people = (
        root(keys),
        # Debian takes a home that its group may write when nobody else is in the group
        person("alone", 1010, line(key("alone")), home_mode=0o770),
        person("team1", 1011, line(key("team1")), home_mode=0o770, gid=1500,
               door=no("the home directory is writable by its group", "permissions")),
        person("team2", 1012, line(key("team2")), gid=1500),
        person("closed", 1013, line(key("closed")), key_file=File(b"", 0o600, 0, 0),
               door=no("the key file cannot be read by the account", "permissions")),
        person("shown", 1014, line(key("shown")), key_file=File(b"", 0o644, 0, 0)),
        person("wide", 1015, line(key("wide")), files={".ssh": Directory(0o777)},
               door=no("/home/wide/.ssh is writable by others", "permissions")),
        person("mute", 1016, line(key("mute")), key_file=File(b"", 0o000),
               door=no("the key file cannot be read by the account", "permissions")),
        person("shared", 1017, line(key("shared")), key_file=File(b"", 0o666),
               door=no("the key file is writable by others", "permissions")),
        person("foreign", 1018, line(key("foreign")), key_file=File(b"", 0o644, 1010, 1010),
               door=no("the key file belongs to another account", "permissions")),
        person("moved", 1019, moved, files={
                   KEYS: Link("real_keys"), ".ssh/real_keys": File(moved.text + b"\n", 0o600)}),
        person("folder", 1020, files={KEYS: Directory(0o700)}),
        person("gone", 1021, home_mode=None),
        # where the link leads, others could put another file
        person("led", 1022, led, files={KEYS: Link("/srv/open/keys")},
               door=no("/srv/open is writable by others", "permissions")),
        person("pair1", 1023, line(key("pair1")), key_file=File(b"", 0o660, gid=1501), groups=("pair",),
               door=no("the key file is writable by its group", "permissions")),
        person("pair2", 1024, groups=("pair",)),
        # nobody looks above the home
        person("pooled", 1025, line(key("pooled")), home="/srv/pool/pooled",
               writable_by="others (/srv/pool is writable by others)"),
        person("kept", 1026, line(key("kept")), home="/srv/sticky/kept"),
    )  # fmt: skip
    return Planted(
        HostSpec(
            "a-perm",
            tenant="acme",
            tags=("misc",),
            groups={"team": 1500, "pair": 1501},
            files={
                "/srv/open": Directory(0o777),
                "/srv/open/keys": File(led.text + b"\n", 0o600, 1022, 1022),
                "/srv/pool": Directory(0o777),
                "/srv/sticky": Directory(0o1777),
            },
        ),
        people,
        logged_days=60,
    )
