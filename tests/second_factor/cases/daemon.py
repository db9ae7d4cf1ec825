"""What sshd_config decides: methods, lists of methods, Match blocks, root, passwords that are empty."""

from __future__ import annotations

from collections.abc import Iterator

from second_factor.case import BOTH, Case

from .making import BOTH_METHODS, CODE, COMMON, alice, case, root, with_code

NULLOK = "auth required pam_unix.so nullok\n"


def cases() -> Iterator[Case]:
    yield from _methods()
    yield from _lists()
    yield from _matches()
    yield from _roots()
    yield from _empty()
    yield from _states()


def _methods() -> Iterator[Case]:
    yield case("sshd/all-methods-on", brief=True)
    yield case("sshd/passwords-off-but-kbd-on", "PasswordAuthentication no", brief=True)
    yield case("sshd/passwords-and-kbd-off", "PasswordAuthentication no", "KbdInteractiveAuthentication no")
    yield case("sshd/old-name-of-kbd", "PasswordAuthentication no", "ChallengeResponseAuthentication no")
    yield case("sshd/keys-off", "PubkeyAuthentication no")
    yield case("sshd/keys-off-with-code", "PubkeyAuthentication no", auth=COMMON + CODE, account=with_code())
    yield case("sshd/code-and-methods-unset", auth=COMMON + CODE, account=with_code(), brief=True)
    yield case(
        "sshd/code-but-password-method-only",
        *("KbdInteractiveAuthentication no", "PubkeyAuthentication no"),
        auth=COMMON + CODE,
        account=with_code(),
        brief=True,
    )
    yield case(
        "sshd/code-nullok-not-enrolled-password-method-only",
        *("KbdInteractiveAuthentication no", "PubkeyAuthentication no"),
        auth=COMMON + CODE.replace("\n", " nullok\n"),
    )
    yield case(
        "sshd/password-method-and-code-that-echoes",
        "KbdInteractiveAuthentication no",
        auth=COMMON + CODE.replace("\n", " echo_verification_code\n"),
        account=with_code(),
    )
    yield case(
        "sshd/password-method-asked-twice-for-the-password",
        *("KbdInteractiveAuthentication no", "PubkeyAuthentication no"),
        auth="auth required pam_unix.so\nauth required pam_unix.so\n",
    )
    yield _without_pam("sshd/pam-off", auth=COMMON + CODE, account=with_code(), brief=True)
    yield _without_pam("sshd/pam-off-passwords-off", "PasswordAuthentication no", account=alice())


def _without_pam(name: str, *config: str, **fields: object) -> Case:
    made = case(name, **fields)  # type: ignore[arg-type]
    return Case(
        **{field: getattr(made, field) for field in Case.__slots__}
        | {"config": "".join(f"{line}\n" for line in ("UsePAM no", *config))}
    )


def _lists() -> Iterator[Case]:
    both = {"auth": COMMON + CODE, "account": with_code()}
    yield case("methods/key-then-password-and-code", BOTH_METHODS, **both, brief=True)
    yield case("methods/key-then-password", BOTH_METHODS)
    yield case("methods/key-then-code", BOTH_METHODS, auth=CODE, account=with_code())
    yield case(
        "methods/key-then-code-nullok-not-enrolled-permit",
        BOTH_METHODS,
        auth=CODE.replace("\n", " nullok\n") + "auth required pam_permit.so\n",
        brief=True,
    )
    yield case("methods/key-then-code-nullok-not-enrolled", BOTH_METHODS, auth=CODE.replace("\n", " nullok\n"))
    yield case("methods/key-then-kbd-by-pam", f"{BOTH_METHODS}:pam", **both)
    yield case("methods/kbd-by-pam", "AuthenticationMethods keyboard-interactive:pam", **both)
    yield case("methods/kbd-by-bsdauth", "AuthenticationMethods keyboard-interactive:bsdauth publickey")
    yield case("methods/key-and-password-or-kbd", "AuthenticationMethods publickey,password keyboard-interactive")
    yield case(
        "methods/key-and-password-or-kbd-with-code",
        "AuthenticationMethods publickey,password keyboard-interactive",
        **both,
    )
    yield case("methods/password-then-kbd", "AuthenticationMethods password,keyboard-interactive")
    yield case("methods/kbd-twice", "AuthenticationMethods keyboard-interactive,keyboard-interactive")
    yield case("methods/password-then-key", "AuthenticationMethods password,publickey")
    yield case("methods/key-then-password-method-with-code", "AuthenticationMethods publickey,password", **both)
    yield case(
        "methods/two-keys",
        "AuthenticationMethods publickey,publickey",
        account=alice(lines=("@key@", "@second-key@")),
        keys=("key", "second-key"),
        brief=True,
    )
    yield case(
        "methods/two-keys-of-which-one-is-there",
        "AuthenticationMethods publickey,publickey",
        keys=("key", "second-key"),
    )
    yield case(
        "methods/two-keys-and-code",
        "AuthenticationMethods publickey,publickey,keyboard-interactive",
        account=with_code(lines=("@key@", "@second-key@")),
        auth=CODE,
        keys=("key", "second-key"),
    )
    yield case("methods/three-kinds", "AuthenticationMethods publickey,password,keyboard-interactive")
    yield case(
        "methods/a-list-with-a-method-that-is-off",
        *("KbdInteractiveAuthentication no", "AuthenticationMethods publickey,keyboard-interactive publickey,password"),
    )
    yield case(
        "methods/all-lists-with-a-method-that-is-off",
        *("PasswordAuthentication no", "Match User alice", "AuthenticationMethods publickey,password"),
    )
    yield case("methods/any", "AuthenticationMethods any")
    yield case("methods/key-alone", "AuthenticationMethods publickey", **both)
    yield case(
        "methods/three-lists", "AuthenticationMethods publickey,password publickey,keyboard-interactive password"
    )
    yield case("methods/hostbased-is-off", "AuthenticationMethods hostbased,publickey publickey,keyboard-interactive")


def _matches() -> Iterator[Case]:
    outside = ("AuthenticationMethods publickey,keyboard-interactive",)
    inside = "Match Address 10.77.0.1\nAuthenticationMethods publickey"
    both = {"auth": COMMON + CODE, "account": with_code()}
    yield case("match/inside-a-key-is-enough", *outside, inside, sources=BOTH, brief=True, **both)
    yield case("match/inside-by-cidr", *outside, inside.replace("10.77.0.1", "10.77.0.0/31"), sources=BOTH, **both)
    yield case("match/not-inside", *outside, inside.replace("10.77.0.1", "*,!10.77.0.1"), sources=BOTH, **both)
    yield case("match/user", *outside, "Match User alice\nAuthenticationMethods publickey", **both)
    yield case("match/other-user", *outside, "Match User bob\nAuthenticationMethods publickey", **both)
    yield case(
        "match/group",
        *("Match Group ops\nAuthenticationMethods publickey,keyboard-interactive",),
        account=with_code(groups=("ops",)),
        groups={"ops": 500},
        auth=COMMON + CODE,
    )
    yield case(
        "match/not-in-the-group",
        *("Match Group ops\nAuthenticationMethods publickey,keyboard-interactive",),
        account=with_code(),
        groups={"ops": 500},
        auth=COMMON + CODE,
    )
    yield case(
        "match/passwords-from-inside-only",
        *("PasswordAuthentication no", "KbdInteractiveAuthentication no"),
        "Match Address 10.77.0.1\nPasswordAuthentication yes",
        sources=BOTH,
    )
    yield case(
        "match/key-from-one-source-and-password-anywhere",
        account=alice(lines=('from="10.77.0.1" @key@',)),
        sources=BOTH,
    )
    yield case("match/user-at-address", "AllowUsers alice@10.77.0.1", sources=BOTH)
    yield case(
        "match/first-block-wins",
        "Match User alice\nAuthenticationMethods publickey,keyboard-interactive",
        "Match Address 10.77.0.1\nAuthenticationMethods publickey",
        sources=BOTH,
        **both,
    )


def _roots() -> Iterator[Case]:
    for word in ("yes", "prohibit-password", "no", "forced-commands-only"):
        yield case(f"root/{word}", f"PermitRootLogin {word}", account=root(), brief=word == "prohibit-password")
    forced = root(lines=('command="true" @key@',))
    yield case("root/forced-commands-only-with-command", "PermitRootLogin forced-commands-only", account=forced)
    yield case(
        "root/prohibit-password-key-then-password", "PermitRootLogin prohibit-password", BOTH_METHODS, account=root()
    )
    yield case("root/yes-key-then-password", "PermitRootLogin yes", BOTH_METHODS, account=root())
    yield case(
        "root/password-then-key-under-prohibit-password",
        *("PermitRootLogin prohibit-password", "AuthenticationMethods password,publickey"),
        account=root(),
    )
    yield case("root/yes-with-code", "PermitRootLogin yes", auth=COMMON + CODE, account=root(files=with_code().files))
    yield case("root/other-name", "PermitRootLogin prohibit-password", account=alice(uid=0, gid=0))


def _empty() -> Iterator[Case]:
    nobody_knows = alice(password=None, shadow="")
    yield case("empty/permitted", "PermitEmptyPasswords yes", account=nobody_knows, brief=True)
    yield case("empty/not-permitted", account=nobody_knows)
    yield case(
        "empty/permitted-without-nullok",
        "PermitEmptyPasswords yes",
        account=nobody_knows,
        auth="auth required pam_unix.so\n",
    )
    yield case(
        "empty/permitted-kbd-only", "PermitEmptyPasswords yes", "PasswordAuthentication no", account=nobody_knows
    )
    yield case(
        "empty/permitted-with-code",
        "PermitEmptyPasswords yes",
        account=alice(password=None, shadow="", files=with_code().files),
        auth=NULLOK + CODE,
    )
    yield case("empty/key-then-password", "PermitEmptyPasswords yes", BOTH_METHODS, account=nobody_knows)
    yield case(
        "empty/key-then-password-method",
        "PermitEmptyPasswords yes",
        "AuthenticationMethods publickey,password",
        account=nobody_knows,
    )
    yield _without_pam("empty/permitted-pam-off", "PermitEmptyPasswords yes", account=nobody_knows)
    yield _without_pam("empty/not-permitted-pam-off", account=nobody_knows)


def _states() -> Iterator[Case]:
    yield case("account/locked-hash", account=alice(password=None, shadow="!$y$j9T$aaaaaaaaaaaaaaaaaaaaaa$" + "a" * 43))
    yield case("account/no-password", account=alice(password=None))
    yield case("account/locked-key-then-kbd", BOTH_METHODS, account=alice(password=None, shadow="!"))
    yield _without_pam("account/locked-pam-off", account=alice(password=None, shadow="!"))
    yield case("account/expired", account=alice(ages=("19700", "0", "99999", "7", "", "100")))
    yield case("account/password-expired", account=alice(ages=("0", "0", "99999", "7", "", "")))
    yield case("account/no-key", account=alice(lines=()))
    yield case("account/no-key-key-then-kbd", BOTH_METHODS, account=alice(lines=()))
    yield case("account/no-shell", account=alice(shell="/usr/sbin/nologin"))
    yield case("account/shell-is-missing", account=alice(shell="/bin/missing"))
    yield case("account/not-allowed", "DenyUsers alice")
