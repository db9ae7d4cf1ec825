"""What meets in one login: keys that hold in one place, blocks that change one setting, bystanders in the stack."""

from __future__ import annotations

from collections.abc import Iterator

from lab.spec import File

from second_factor.case import BOTH, Case
from second_factor.person import person

from .making import BOTH_METHODS, CODE, COMMON, UNIX, alice, case, root, with_code

_NULLOK = CODE.replace("\n", " nullok\n")
_SKIP_ONE = "[success=1 default=ignore]"
_BOTH_KEYS = ("key", "second-key")


def cases() -> Iterator[Case]:
    yield from _keys()
    yield from _blocks()
    yield from _methods()
    yield from _bystanders()
    yield from _conditions()
    yield from _enrolments()


def _keys() -> Iterator[Case]:
    here = 'from="10.77.0.1" @key@'
    coded = {"auth": COMMON + CODE, "sources": BOTH}
    yield case("keys/from-here-then-code", BOTH_METHODS, account=with_code(lines=(here,)), **coded)
    yield case("keys/from-here-or-code", account=with_code(lines=(here,)), **coded)
    yield case(
        "keys/two-keys-one-from-here",
        "AuthenticationMethods publickey,publickey",
        account=alice(lines=(here, "@second-key@")),
        keys=_BOTH_KEYS,
        sources=BOTH,
    )
    yield case(
        "keys/one-key-on-two-lines",
        "AuthenticationMethods publickey,publickey",
        account=alice(lines=("@key@", "@key@")),
    )
    yield case("keys/forced-command", account=alice(lines=('command="true" @key@',)))
    yield case("keys/expired-line", account=alice(lines=('expiry-time="20200101" @key@',)))
    yield case("keys/unknown-option", account=alice(lines=("no-such-option @key@",)))
    yield case(
        "keys/revoked",
        "RevokedKeys /etc/ssh/revoked",
        files={"/etc/ssh/revoked": File(f"{person().lines['key']}\n".encode())},
    )
    yield case("keys/no-list-of-revoked-ones", "RevokedKeys /etc/ssh/revoked")
    yield case("keys/algorithm-is-off", "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256")
    yield case("keys/home-open-to-all", account=alice(home_mode=0o777))
    yield case("keys/other-file", "AuthorizedKeysFile .ssh/other")
    yield case(
        "keys/one-is-dead-of-two-then-code",
        BOTH_METHODS,
        account=with_code(lines=("no-such-option @key@", "@second-key@")),
        keys=_BOTH_KEYS,
        auth=CODE,
    )
    trusted = {"/etc/ssh/authority.pub": File(f"{person().lines['authority']}\n".encode())}
    trust = "TrustedUserCAKeys /etc/ssh/authority.pub"
    principals = "AuthorizedPrincipalsFile /etc/ssh/principals/%u"
    offered = {"keys": ("certificate",), "files": trusted, "account": alice(lines=())}
    yield case("keys/principals-file-is-missing", trust, principals, **offered)
    named = trusted | {"/etc/ssh/principals/alice": File(b"alice\n")}
    yield case("keys/principals-file-names-alice", trust, principals, **(offered | {"files": named}))
    other = trusted | {"/etc/ssh/principals/alice": File(b"bob\n")}
    yield case(
        "keys/principals-file-names-another",
        *(trust, principals),
        **(offered | {"files": other}),
        broader="the authority can sign a certificate for that name too",
    )
    yield case(
        "keys/authority-with-from",
        account=alice(lines=('cert-authority,from="10.77.0.2" @authority@',)),
        keys=("certificate",),
        sources=BOTH,
    )


def _blocks() -> Iterator[Case]:
    coded = {"auth": COMMON + CODE, "account": with_code()}
    yield case(
        "blocks/kbd-off-from-here", "Match Address 10.77.0.1\nKbdInteractiveAuthentication no", sources=BOTH, **coded
    )
    yield case("blocks/keys-off-from-here", "Match Address 10.77.0.1\nPubkeyAuthentication no", sources=BOTH, **coded)
    yield case(
        "blocks/root-from-here",
        "PermitRootLogin no",
        "Match Address 10.77.0.1\nPermitRootLogin yes",
        account=root(),
        sources=BOTH,
    )
    yield case(
        "blocks/empty-passwords-from-here",
        "Match Address 10.77.0.1\nPermitEmptyPasswords yes",
        account=alice(password=None, shadow=""),
        sources=BOTH,
    )
    yield case("blocks/all", BOTH_METHODS, "Match all\nAuthenticationMethods publickey", **coded)
    yield case(
        "blocks/included",
        "Include /etc/ssh/more.conf",
        BOTH_METHODS,
        files={"/etc/ssh/more.conf": File(b"AuthenticationMethods publickey\n")},
        **coded,
    )
    yield case(
        "blocks/included-block-ends-with-its-file",
        "Include /etc/ssh/more.conf",
        BOTH_METHODS,
        files={"/etc/ssh/more.conf": File(b"Match User bob\nPubkeyAuthentication no\n")},
        **coded,
    )
    yield case(
        "blocks/not-in-group",
        f"Match Group *,!ops\n{BOTH_METHODS}",
        account=with_code(groups=("ops",)),
        groups={"ops": 500},
        auth=COMMON + CODE,
    )
    yield case("blocks/primary-group", f"Match Group alice\n{BOTH_METHODS}", **coded)
    yield case("blocks/local-port", f"Match LocalPort 22\n{BOTH_METHODS}", **coded)
    yield case("blocks/allowed-group", "AllowGroups ops", **coded)
    yield case(
        "blocks/verified-from-outside",
        "Match Address *,!10.77.0.1\nPubkeyAuthOptions verify-required",
        account=alice(lines=("@token@",)),
        keys=("token", "token with pin"),
        sources=BOTH,
    )


def _methods() -> Iterator[Case]:
    forward = "auth requisite pam_google_authenticator.so forward_pass\nauth required pam_unix.so use_first_pass\n"
    yield case(
        "more/one-line-for-both-by-password",
        "KbdInteractiveAuthentication no",
        "PubkeyAuthentication no",
        auth=forward,
        account=with_code(),
    )
    yield case(
        "more/one-line-for-both-behind-a-key",
        "AuthenticationMethods publickey,password",
        auth=forward,
        account=with_code(),
    )
    yield case(
        "more/three-lists-of-two",
        "AuthenticationMethods publickey,password publickey,keyboard-interactive password,keyboard-interactive",
        auth=COMMON + CODE,
        account=with_code(),
    )
    yield case(
        "more/kbd-then-key", "AuthenticationMethods keyboard-interactive,publickey", auth=CODE, account=with_code()
    )
    yield case("more/one-try", "MaxAuthTries 1", BOTH_METHODS, auth=COMMON + CODE, account=with_code())
    yield case(
        "more/key-then-password-of-root",
        "PermitRootLogin yes",
        "AuthenticationMethods publickey,password",
        account=root(),
    )
    yield case("more/old-word-of-root", "PermitRootLogin without-password", account=root())
    yield case(
        "more/key-then-two-passwords",
        "AuthenticationMethods publickey,password,keyboard-interactive",
        auth=UNIX + _NULLOK,
    )


def _bystanders() -> Iterator[Case]:
    for module in (
        "env",
        "faildelay",
        "echo file=/etc/issue",
        "group",
        "mail",
        "motd",
        "issue",
        "lastlog",
        "time",
        "cap",
    ):
        name, _, options = module.partition(" ")
        line = f"auth required pam_{name}.so {options}".rstrip() + "\n"
        yield case(f"beside/{name}-then-password", auth=line + UNIX)
    for name in ("env", "faildelay", "shells", "localuser", "succeed_if", "securetty"):
        yield case(f"beside/{name}-alone", auth=f"auth required pam_{name}.so\n")
    yield case("beside/shells-then-password", auth="auth required pam_shells.so\n" + UNIX)
    yield case("beside/odd-shell", auth="auth required pam_shells.so\n" + UNIX, account=alice(shell="/bin/sleep"))
    yield case(
        "beside/securetty-root", "PermitRootLogin yes", auth="auth required pam_securetty.so\n" + UNIX, account=root()
    )
    yield case("beside/usertype", auth="auth required pam_usertype.so isregular\n" + UNIX)
    yield case("beside/usertype-alone", auth="auth required pam_usertype.so isregular\n")
    yield case(
        "beside/nologin-file", files={"/etc/nologin": File(b"later\n")}, unknowable="a nologin file goes away again"
    )
    yield case(
        "beside/nologin-file-root",
        "PermitRootLogin yes",
        account=root(),
        files={"/etc/nologin": File(b"later\n")},
        unknowable="a nologin file goes away again",
    )
    yield case("beside/timestamp", auth="auth sufficient pam_timestamp.so\n" + UNIX)
    yield case("beside/exec-ignored", auth="auth optional pam_exec.so /bin/true\n" + UNIX)
    yield case("beside/pwquality", auth=UNIX + "auth optional pam_pwquality.so\n")
    yield case("beside/unix-twice-use-first-pass", auth=UNIX + UNIX.replace("\n", " use_first_pass\n"))
    yield case("beside/use-first-pass-with-none", auth=UNIX.replace("\n", " use_first_pass\n"))
    yield case("beside/unix-options", auth=UNIX.replace("\n", " nullok_secure try_first_pass likeauth nodelay\n"))
    yield case("beside/unix-unknown-option", auth=UNIX.replace("\n", " no_such_option\n"))


def _conditions() -> Iterator[Case]:
    for name, words in {
        "named": "user = alice",
        "not-named": "user != alice",
        "in-list": "user in bob:alice",
        "uid-above": "uid >= 1000",
        "shell": "shell = /bin/bash",
        "service": "service = sshd",
        "services": "service in login:sshd",
        "host": "rhost = 10.77.0.1",
        "host-in-list": "rhost in 192.0.2.1:10.77.0.1",
        "not-host": "rhost != 10.77.0.1",
        "host-pattern": "rhost =~ 10.77.0.1*",
        "pattern": "user =~ al*",
        "two-conditions": "uid >= 1000 user ingroup ops",
        "nothing": "",
        "unknown-word": "colour = red",
        "not-in-group": "user notingroup ops",
    }.items():
        line = f"auth {_SKIP_ONE} pam_succeed_if.so quiet {words}".rstrip() + "\n"
        yield case(
            f"if/{name}",
            auth=UNIX + line + CODE,
            account=with_code(),
            groups={"ops": 500},
            sources=BOTH if "host" in name else ("10.77.0.1",),
        )
    for name, rules in {
        "network": "+ : alice : 10.77.0.0/31\n- : ALL : ALL\n",
        "all-but-one": "- : ALL : ALL EXCEPT 10.77.0.2\n",
        "group": "+ : (ops) : ALL\n- : ALL : ALL\n",
        "local": "+ : ALL : LOCAL\n- : ALL : ALL\n",
        "no-match": "- : bob : ALL\n",
        "prefix": "+ : ALL : 10.77.0.\n- : ALL : ALL\n",
        "damaged": "alice\n- : ALL : ALL\n",
    }.items():
        line = f"auth {_SKIP_ONE} pam_access.so accessfile=/etc/no-code.conf\n"
        yield case(
            f"access/{name}",
            auth=UNIX + line + CODE,
            account=with_code(groups=("ops",)),
            groups={"ops": 500},
            files={"/etc/no-code.conf": File(rules.encode())},
            sources=BOTH,
        )
    for name, (words, data) in {
        "group": ("item=group", b"ops\n"),
        "shell": ("item=shell", b"/bin/bash\n"),
        "host": ("item=rhost", b"10.77.0.1\n"),
        "deny": ("item=user", b"alice\n"),
        "open-to-all": ("item=user", b"alice\n"),
    }.items():
        sense = "deny" if name == "deny" else "allow"
        line = f"auth {_SKIP_ONE} pam_listfile.so {words} sense={sense} onerr=fail file=/etc/no-code\n"
        yield case(
            f"list/{name}",
            auth=UNIX + line + CODE,
            account=with_code(groups=("ops",)),
            groups={"ops": 500},
            files={"/etc/no-code": File(data, 0o666 if name == "open-to-all" else 0o644)},
            sources=BOTH if name == "host" else ("10.77.0.1",),
        )


def _enrolments() -> Iterator[Case]:
    only = "auth [success=done new_authtok_reqd=done default=die] pam_google_authenticator.so nullok\n"
    yield case("enrolled/nullok-and-die", auth=only + UNIX, account=with_code())
    yield case("not-enrolled/nullok-and-die", auth=only + UNIX)
    first = CODE.replace("required", "sufficient").replace("\n", " nullok\n")
    yield case("not-enrolled/sufficient-nullok-first", auth=first + UNIX)
    yield case("not-enrolled/sufficient-nullok-then-permit", auth=first + "auth required pam_permit.so\n")
    yield case("not-enrolled/requisite-nullok-alone", auth=_NULLOK.replace("required", "requisite"))
    yield case(
        "not-enrolled/ignored-then-password",
        auth="auth [success=ok ignore=ignore default=die] pam_google_authenticator.so nullok\n" + UNIX,
    )
    yield case(
        "enrolled/code-for-root",
        "PermitRootLogin yes",
        BOTH_METHODS,
        auth=COMMON + CODE,
        account=root(files=with_code().files),
    )
    yield case(
        "enrolled/no-home", auth=UNIX + _NULLOK, account=alice(home="/nowhere", home_mode=None, files={}, lines=())
    )
    yield case(
        "enrolled/home-closed",
        auth=UNIX + _NULLOK,
        account=with_code(home_mode=0o000),
        broader="modes of folders above a secret's file are not looked at",
    )
