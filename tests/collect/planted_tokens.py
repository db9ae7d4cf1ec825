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

# file: its content, and what of it leaves; each line is there for one way to write a secret
FILES: dict[str, tuple[str, str]] = {
    "/etc/users.oath": (
        "# HOTP alice - CANARY\nHOTP/T30/6 alice - CANARY00 0 123456 2020-01-01T00:00:00L\nHOTP\tbob\tCANARY\tCANARY\r\n"
        " HOTP/E/8 root + CANARY\nHOTP CANARY - CANARY\nHOTP alice CANARY\nCANARY alice - 00\nHOTP alice -\\\nCANARY\n"
        "HOTP/CANARYcanaryCANARY bob - CANARY\n\nHOTP bob - CANARY",
        "#\nHOTP/T30/6 alice -\nHOTP bob set\nHOTP/E/8 root +\n#\n#\n#\n#\n#\n#\n\nHOTP bob -\n",
    ),
    "/etc/u2f_keys": (
        "alice:CANARY,CANARY,es256,+presence:CANARY,CANARY,eddsa,+presence+verification+pin\r\nbob:CANARY,CANARY\n"
        "::bob::CANARY:CANARY,CANARY,es256:CANARY,CANARY,es256,CANARY:\nCANARY:CANARY,CANARY\nroot\nCANARY\n # CANARY\n"
        "alice CANARY:CANARY\nbob:CANARY,,CANARY,es256,+pin,CANARY",
        "alice:+presence:+presence+verification+pin\nbob:+presence\nbob:?:-:?\n#\nroot:\n#\n#\n#\nbob:+pin\n",
    ),
    "/home/alice/keys/alice.%": ("alice:CANARY,CANARY,es256,+presence", "alice:+presence\n"),
    "/home/bob//.oath": ("HOTP bob - CANARY\n", "HOTP bob -\n"),
    "/root/.yubico/authorized_yubikeys": (
        "root:CANARY:CANARY\n#root:CANARY\nCANARY\nCANARY:root\n:root:CANARY\n" + "root:" + "CANARY" * 170 + "\n",
        "root:\n#\n#\n#\nroot:\nhyg:dropped 1025\n",
    ),
    "/etc/duo/pam_duo.conf": (
        "; CANARY\n[duo]\nikey=CANARY\nskey\t=\tCANARY ; CANARY\nhost =\nfailmode = secure;CANARY\nfailmode=safe ; CANARY\n"
        "failmode = CANARY-with-more-than-17\ngroups = users,!wheel x\\ y*\nhttp_proxy=http://u:CANARY@x\npushinfo = 'CANARY'\n"
        "autopush = yes\r\nhttps_timeout=5",
        "#\n[duo]\nikey = REDACTED\nskey = REDACTED\nhost = \nfailmode = REDACTED\nfailmode = safe\n"
        "failmode = REDACTED\ngroups = users,!wheel x\\ y*\nhttp_proxy = REDACTED\npushinfo = REDACTED\n"
        "autopush = yes\nhttps_timeout = 5\n",
    ),
    "/etc/security/pam_duo.conf": (
        f"[CANARY'\n[duo] CANARY\nskey = CANARY\n  CANARY\n\tfailmode=CANARY\nCANARY\n=CANARY\nsecret=CANARY\n{'CANARY' * 40}\n"
        'groups = CANARY"\n',
        "hyg:dropped 8\nhyg:dropped 12\nskey = REDACTED\nhyg:dropped 8\nhyg:dropped 16\nhyg:dropped 6\nhyg:dropped 7\n"
        "hyg:dropped 13\nhyg:dropped 240\nhyg:dropped 16\n",
    ),
    "/etc/radius.conf": (
        "# CANARY\n127.0.0.1\tCANARY 1\n \t[::1]:1812   CANARY\r\nCANARY\n\r\n" + "x" * 1023 + "CANARY y\nlast CANARY",
        "#\nserver\nserver\n#\n\nhyg:dropped 1031\nserver\n",
    ),
    "/etc/sssd/sssd.conf": (
        "#CANARY\n[sssd]\nservices = nss, pam\nDOMAINS=example.org\n  CANARY\n[domain/example.org]\nid_provider = ldap\n"
        "ldap_default_authtok = CANARY\n CANARY\nauth_provider = 'CANARY'\nldap_default_authtok_type=CANARY\nservices = CANARY:\n"
        "access_provider\t=\tsimple\r\nCANARY\n[CANARY'\n[pam]\npam_cert_auth = True\npam_id_timeout = CANARY\n"
        "single_prompt = CANARY\n[prompting/2fa/sshd]\nsingle_prompt = true\nfirst_prompt = CANARY\n",
        "#\n[sssd]\nservices = nss, pam\ndomains = example.org\nhyg:dropped 8\n[domain/example.org]\nid_provider = ldap\n"
        "#\n#\nauth_provider = REDACTED\n#\nservices = REDACTED\n"
        "access_provider = simple\nhyg:dropped 6\nhyg:dropped 8\n[pam]\npam_cert_auth = True\n#\n"
        "#\n[prompting/2fa/sshd]\nsingle_prompt = true\nfirst_prompt = REDACTED\n",
    ),
    "/etc/sssd/conf.d/10.conf": ("[domain/x]\nid_provider = ad\nCANARY = x\n", "[domain/x]\nid_provider = ad\n#\n"),
    "/etc/krb5.conf": (
        "[libdefaults]\n\tdefault_realm = EXAMPLE.ORG\r\ndefault_realm = CANARY CANARY\nCANARY = x\n",
        "#\ndefault_realm = EXAMPLE.ORG\n#\n#\n",
    ),
    "/etc/security/pam_winbind.conf": (
        "[global]\nkrb5_auth = yes\nrequire_membership_of = S-1-5-21\npassword = CANARY\nsilent = CANARY-\n; CANARY\n",
        "[global]\nkrb5_auth = yes\nrequire_membership_of = S-1-5-21\n#\nsilent = REDACTED\n#\n",
    ),
    "/etc/security/pam_u2f.conf": (
        "# CANARY\nnouserok # CANARY\n max_devices = 3\nauthfile = /etc/u2f-too\norigin=CANARY\nCANARY\npinverification=CANARY\n",
        "#\nnouserok\nmax_devices=3\nauthfile=/etc/u2f-too\n#\n#\n#\n",
    ),
}
TREE: dict[str, str | bytes | Link | int] = {
    "/etc/pam.d/tokens": RULES,
    "/opt/pam/more": MORE,
    **{path: content for path, (content, _) in FILES.items()},
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
        Frame("pamconf", path.encode(), "ok", FILES[path][1].encode())
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
LISTED = Frame("pamconf", b"/etc/oath-by-another-name", "ok", FILES["/etc/users.oath"][1].encode())

_HOMES = {
    "root": "/root",
    "alice": "/home/alice",
    "bob": "/home/bob/",
    "fr ank": "/home/fr 'ank",
    "nobody": "/nonexistent",
}
_PRESENT = (
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
STATES = {
    **dict.fromkeys((path.encode() for path in _ABSENT), "absent"),
    **dict.fromkeys((path.encode() for path in _PRESENT), "present"),
    # a link that leads nowhere: pam_yubico takes it for a file that it cannot read, others see that nothing is there
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
SYMLINKS = {
    b"/etc/oath-by-another-name": b"users.oath",
    b"/etc/u2f-too": b"/etc/shadow",
    b"/data/bob/.google_authenticator": b"../../root/.google_authenticator",
    b"/home/alice/.yubico/authorized_yubikeys": b"nowhere",
    b"/home/alice/.otpw": b"nowhere",
    b"/lib64": b"usr/lib64",
}
