"""Tokens of a planted host: files with secrets in many spellings, and what of each may leave."""

from __future__ import annotations

from hygiene.evidence.frames import Frame

from .disk import Link

RULES = """\
auth required pam_google_authenticator.so nullok
auth required pam_google_authenticator.so [secret=/var/codes of/${USER}/~] user=root
auth required /lib64/security/pam_u2f.so authfile=/etc/u2f_keys cue pinverification=1
auth sufficient pam_u2f.so expand authfile=keys/%u.%%
auth required pam_oath.so \\
  usersfile=/etc/users.oath window=20
auth required pam_yubico.so id=1 key=CANARY= mode=client token_id_length=12
auth required pam_yubico.so mode=challenge-response chalresp_path=/var/yubico
auth required pam_otpw.so
auth required pam_krb5.so minimum_uid=1000
auth required pam_duo.so
auth required pam_radius_auth.so conf=/etc/radius.conf
auth required pam_sss.so
auth required pam_winbind.so
auth required pam_listfile.so item=user sense=allow onerr=fail file=/etc/oath-by-another-name
auth include /opt/pam//more
auth include missing/one
"""
SENT_RULES = RULES.replace("key=CANARY=", "key=REDACTED")
MORE = "auth required pam_oath.so usersfile=${HOME}/.oath"

# file: its lines, each there for one way to write a secret, and what of each leaves (None: its length)
FILES: dict[str, list[tuple[str, str | None]]] = {
    "/etc/users.oath": [
        ("# HOTP alice - CANARY", "#"),
        ("HOTP/T30/6 alice - CANARY00 0 123456 2020-01-01T00:00:00L", "HOTP/T30/6 alice -"),
        ("HOTP\tbob\tCANARY\tCANARY\r", "HOTP bob set"),
        (" HOTP/E/8 root + CANARY", "HOTP/E/8 root +"),
        ("HOTP CANARY - CANARY", "#"),
        ("HOTP alice CANARY", "#"),
        ("CANARY alice - 00", "#"),
        ("HOTP alice -\\", "#"),
        ("CANARY", "#"),
        ("HOTP/CANARYcanaryCANARY bob - CANARY", "#"),
        ("", ""),
        ("HOTP bob - CANARY", "HOTP bob -"),
    ],
    "/etc/u2f_keys": [
        (
            "alice:CANARY,CANARY,es256,+presence:CANARY,CANARY,eddsa,+presence+verification+pin\r",
            "alice:+presence:+presence+verification+pin",
        ),
        ("bob:CANARY,CANARY", "bob:+presence"),
        ("::bob::CANARY:CANARY,CANARY,es256:CANARY,CANARY,es256,CANARY:", "bob:?:-:?"),
        ("CANARY:CANARY,CANARY", "#"),
        ("root", "root:"),
        ("CANARY", "#"),
        (" # CANARY", "#"),
        ("alice CANARY:CANARY", "#"),
        ("bob:CANARY,,CANARY,es256,+pin,CANARY", "bob:+pin"),
    ],
    "/home/alice/keys/alice.%": [
        ("alice:CANARY,CANARY,es256,+presence", "alice:+presence"),
    ],
    "/home/bob//.oath": [
        ("HOTP bob - CANARY", "HOTP bob -"),
    ],
    "/root/.yubico/authorized_yubikeys": [
        ("root:CANARY:CANARY", "root:"),
        ("#root:CANARY", "#"),
        ("CANARY", "#"),
        ("CANARY:root", "#"),
        (":root:CANARY", "root:"),
        ("root:" + "CANARY" * 170, None),
    ],
    "/etc/duo/pam_duo.conf": [
        ("; CANARY", "#"),
        ("[duo]", "[duo]"),
        ("ikey=CANARY", "ikey = REDACTED"),
        ("skey\t=\tCANARY ; CANARY", "skey = REDACTED"),
        ("host =", "host = "),
        ("failmode = secure;CANARY", "failmode = REDACTED"),
        ("failmode=safe ; CANARY", "failmode = safe"),
        ("failmode = CANARY-with-more-than-17", "failmode = REDACTED"),
        ("groups = users,!wheel x\\ y*", "groups = users,!wheel x\\ y*"),
        ("http_proxy=http://u:CANARY@x", "http_proxy = REDACTED"),
        ("pushinfo = 'CANARY'", "pushinfo = REDACTED"),
        ("autopush = yes\r", "autopush = yes"),
        ("https_timeout=5", "https_timeout = 5"),
    ],
    "/etc/security/pam_duo.conf": [
        ("[CANARY'", None),
        ("[duo] CANARY", None),
        ("skey = CANARY", "skey = REDACTED"),
        ("  CANARY", None),
        ("\tfailmode=CANARY", None),
        ("CANARY", None),
        ("=CANARY", None),
        ("secret=CANARY", None),
        ("CANARY" * 40, None),
        ('groups = CANARY"', None),
        # read 199 bytes at a time: what is behind is a line of its own
        ("#" + "CANARY" * 33 + "failmode=safe", None),
        (f"failmode = secure{' ' * 190}; CANARY", None),
        ("gecos_username_pos = CANARY", None),
        ("gecos_delim = CANARY", None),
        ("gecos_delim = ;", "gecos_delim = REDACTED"),
    ],
    "/etc/radius.conf": [
        ("# CANARY", "#"),
        ("127.0.0.1\tCANARY 1", "server"),
        (" \t[::1]:1812   CANARY\r", "server"),
        ("CANARY", "#"),
        ("\r", ""),
        ("x" * 1023 + "CANARY y", None),
        ("last CANARY", "server"),
    ],
    "/etc/sssd/sssd.conf": [
        ("#CANARY", "#"),
        ("[sssd]", "[sssd]"),
        ("services = nss, pam", "services = nss, pam"),
        ("DOMAINS=example.org", "domains = example.org"),
        ("  CANARY", None),
        ("[domain/example.org]", "[domain/example.org]"),
        ("id_provider = ldap", "id_provider = ldap"),
        ("ldap_default_authtok = CANARY", "#"),
        (" CANARY", "#"),
        ("auth_provider = 'CANARY'", "auth_provider = REDACTED"),
        ("ldap_default_authtok_type=CANARY", "#"),
        ("services = CANARY:", "services = REDACTED"),
        ("access_provider\t=\tsimple\r", "access_provider = simple"),
        ("CANARY", None),
        ("[CANARY'", None),
        ("[pam]", "[pam]"),
        ("pam_cert_auth = True", "pam_cert_auth = True"),
        ("pam_id_timeout = CANARY", "#"),
        ("single_prompt = CANARY", "#"),
        ("[prompting/2fa/sshd]", "[prompting/2fa/sshd]"),
        ("single_prompt = true", "single_prompt = true"),
        ("first_prompt = CANARY", "first_prompt = REDACTED"),
    ],
    "/etc/sssd/conf.d/10.conf": [
        ("[domain/x]", "[domain/x]"),
        ("id_provider = ad", "id_provider = ad"),
        ("CANARY = x", "#"),
    ],
    "/etc/krb5.conf": [
        ("[libdefaults]", "#"),
        ("\tdefault_realm = EXAMPLE.ORG\r", "default_realm = EXAMPLE.ORG"),
        ("default_realm = CANARY CANARY", "#"),
        ("CANARY = x", "#"),
    ],
    "/etc/security/pam_winbind.conf": [
        ("[global]", "[global]"),
        ("krb5_auth = yes", "krb5_auth = yes"),
        ("require_membership_of = S-1-5-21", "require_membership_of = S-1-5-21"),
        ("password = CANARY", "#"),
        ("silent = CANARY-", "silent = REDACTED"),
        ("; CANARY", "#"),
    ],
    "/etc/security/pam_u2f.conf": [
        ("# CANARY", "#"),
        ("nouserok # CANARY", "nouserok"),
        (" max_devices = 3", "max_devices=3"),
        ("authfile = /etc/u2f-too", "authfile=/etc/u2f-too"),
        ("origin=CANARY", "#"),
        ("CANARY", "#"),
        ("pinverification=CANARY", "#"),
    ],
}


def sent(path: str) -> bytes:
    """What leaves of a file."""
    lines = (f"hyg:dropped {len(line)}" if left is None else left for line, left in FILES[path])
    return "".join(f"{line}\n" for line in lines).encode()


TREE: dict[str, str | bytes | Link | int] = {
    "/etc/pam.d/tokens": RULES,
    "/opt/pam/more": MORE,
    # the last line of each has no end
    **{path: "\n".join(line for line, _ in lines) for path, lines in FILES.items()},
    "/etc/oath-by-another-name": Link("users.oath"),
    "/etc/u2f-too": Link("/etc/shadow"),
    "/root/.google_authenticator": "CANARY\n",
    # a home that is a link, a token that is one, and one that leads nowhere
    "/data/bob/.google_authenticator": Link("../../root/.google_authenticator"),
    "/home/alice/.yubico/authorized_yubikeys": Link("nowhere"),
    "/home/alice/.otpw": Link("nowhere"),
    "/home/alice/.k5login": "CANARY\n",
    "/var/codes of/alice/~": "CANARY\n",
    "/var/yubico/alice": "CANARY\n",
    "/usr/lib64/security/pam_u2f.so": "",
    "/usr/lib64/security/pam_unix.so": "",
    "/usr/lib64/security/README": "",
    "/lib64": Link("usr/lib64"),
    "/usr/lib/x86_64-linux-gnu/security/pam_oath.so": "",
}
# in the order of the stream
FRAMES = [
    Frame("pam", b"/etc/pam.d/tokens", "ok", SENT_RULES.encode()),
    Frame("pam", b"/opt/pam/more", "ok", MORE.encode()),
    Frame("pam", b"/etc/pam.d/missing/one", "absent"),
    *(
        Frame("pamconf", path.encode(), "ok", sent(path))
        for path in (
            "/etc/security/pam_u2f.conf",
            "/etc/krb5.conf",
            "/etc/duo/pam_duo.conf",
            "/etc/security/pam_duo.conf",
            "/etc/radius.conf",
            "/etc/sssd/sssd.conf",
            "/etc/security/pam_winbind.conf",
            "/etc/sssd/conf.d/10.conf",
            "/etc/u2f_keys",
            "/home/alice/keys/alice.%",
            "/etc/users.oath",
            "/root/.yubico/authorized_yubikeys",
            "/home/bob//.oath",
        )
    ),
    # a mapping file that is a link to the shadow file: the names of accounts that it holds, and nothing else
    Frame("pamconf", b"/etc/u2f-too", "ok", b"root:?:?:?:?:?\nalice:?:?:?:?:?:?\nbob:?:?:?:?\n" + b"#\n" * 7),
]
# pam_listfile would read all of it, and still no more leaves
LISTED = Frame("pamconf", b"/etc/oath-by-another-name", "ok", sent("/etc/users.oath"))

_HOMES = {
    "root": "/root",
    "alice": "/home/alice",
    "bob": "/home/bob/",
    "fr ank": "/home/fr 'ank",
    "nobody": "/nonexistent",
}
PRESENT = (
    *("/root/.google_authenticator", "/home/bob//.google_authenticator", "/home/alice/.k5login", "/var/yubico"),
    *("/var/yubico/alice", "/lib64/security/pam_u2f.so", "/etc/u2f-too", *FILES),
)
_ABSENT = (
    *(f"{home}/{name}" for home in _HOMES.values() for name in (".google_authenticator", ".otpw", ".k5login", ".oath")),
    *(f"{home}/.yubico/authorized_yubikeys" for home in _HOMES.values()),
    *(f"{home}/keys/{file}" for name, home in _HOMES.items() for file in (f"{name}.%", "%u.%%")),
    *(f"/var/codes of/{name}/{home}" for name, home in _HOMES.items()),
    *(f"/var/yubico/{name}" for name in _HOMES),
)
# a link that leads nowhere: pam_yubico takes it for a file that it cannot read, others see that nothing is there
STATES = {
    **dict.fromkeys((path.encode() for path in _ABSENT), "absent"),
    b"/home/alice/.yubico/authorized_yubikeys": "unknown",
}
MODULES = [
    Frame("pam_modules", b"/lib64/security", "ok", b"pam_u2f.so\npam_unix.so\n"),
    Frame("pam_modules", b"/usr/lib/x86_64-linux-gnu/security", "ok", b"pam_oath.so\n"),
]
LINKS = {
    b"/etc/oath-by-another-name": b"/etc/users.oath",
    b"/etc/u2f-too": b"/etc/shadow",
    b"/home/bob//.google_authenticator": b"/root/.google_authenticator",
    b"/home/bob//.oath": b"/data/bob/.oath",
    b"/lib64/security": b"/usr/lib64/security",
    b"/lib64/security/pam_u2f.so": b"/usr/lib64/security/pam_u2f.so",
}
SYMLINKS = {b"/etc/oath-by-another-name": b"users.oath", b"/lib64": b"usr/lib64"}
