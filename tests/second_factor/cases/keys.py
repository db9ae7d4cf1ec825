"""What the key decides: certificates, and security keys with and without a PIN."""

from __future__ import annotations

from collections.abc import Iterator

from lab.spec import AccountSpec, File

from second_factor.case import Case
from second_factor.person import person

from .making import BOTH_METHODS, CODE, COMMON, alice, case, with_code

_TOKEN = ("token", "token untouched", "token with pin")
_ONLY_KEYS = ("PasswordAuthentication no", "KbdInteractiveAuthentication no")
_VERIFY = "PubkeyAuthOptions verify-required"


def cases() -> Iterator[Case]:
    yield from _certificates()
    yield from _tokens()


def _certificates() -> Iterator[Case]:
    own = person()
    trusted = {"/etc/ssh/authority.pub": File(f"{own.lines['authority']}\n".encode())}
    trust = "TrustedUserCAKeys /etc/ssh/authority.pub"
    offered = ("key", "certificate")
    nobody = alice(lines=())
    yield case("certificate/trusted", trust, *_ONLY_KEYS, files=trusted, keys=offered, account=nobody, brief=True)
    yield case("certificate/by-line", *_ONLY_KEYS, keys=offered, account=alice(lines=("cert-authority @authority@",)))
    yield case("certificate/beside-a-key", trust, *_ONLY_KEYS, files=trusted, keys=offered)
    yield case(
        "certificate/then-code",
        trust,
        BOTH_METHODS,
        auth=CODE,
        files=trusted,
        keys=offered,
        account=with_code(lines=()),
    )
    yield case(
        "certificate/then-password-and-code",
        *(trust, BOTH_METHODS),
        auth=COMMON + CODE,
        files=trusted,
        keys=offered,
        account=with_code(lines=()),
    )
    yield case("certificate/twice", trust, "AuthenticationMethods publickey,publickey", files=trusted, keys=offered)


def _tokens() -> Iterator[Case]:
    verified = ("verify-required @token@",)

    def account(*lines: str, **fields: object) -> AccountSpec:
        return alice(lines=lines, **fields)  # type: ignore[arg-type]

    def tokens(name: str, *config: str, **fields: object) -> Case:
        return case(f"token/{name}", *config, **({"keys": _TOKEN} | fields))  # type: ignore[arg-type]

    yield tokens("touch", *_ONLY_KEYS, account=account("@token@"))
    yield tokens("no-touch", *_ONLY_KEYS, account=account("no-touch-required @token@"))
    yield tokens("verified-by-line", *_ONLY_KEYS, account=account(*verified), brief=True)
    yield tokens("verified-by-setting", *_ONLY_KEYS, _VERIFY, account=account("@token@"))
    yield tokens("verified-by-both", *_ONLY_KEYS, _VERIFY, account=account(*verified))
    yield tokens(
        "touch-by-setting",
        *_ONLY_KEYS,
        "PubkeyAuthOptions touch-required",
        account=account("no-touch-required @token@"),
    )
    yield tokens("verified-no-touch", *_ONLY_KEYS, account=account("verify-required,no-touch-required @token@"))
    yield tokens("verified-then-not", *_ONLY_KEYS, account=account("verify-required,no-verify-required @token@"))
    yield tokens("verified-in-capitals", *_ONLY_KEYS, account=account("Verify-Required @token@"))
    beside = ("key", *_TOKEN)
    yield tokens("verified-beside-a-key", *_ONLY_KEYS, account=account(*verified, "@key@"), keys=beside, brief=True)
    yield tokens(
        "verified-by-setting-beside-a-key", *_ONLY_KEYS, _VERIFY, account=account("@token@", "@key@"), keys=beside
    )
    yield tokens("verified-then-code", BOTH_METHODS, auth=CODE, account=account(*verified, files=with_code().files))
    yield tokens("verified-then-password", BOTH_METHODS, account=account(*verified))
    yield tokens("verified-or-password", account=account(*verified))
    yield tokens("touch-then-password", BOTH_METHODS, account=account("@token@"))
    yield tokens("two-lines-first-strict", *_ONLY_KEYS, account=account(*verified, "@token@"))
    yield tokens("two-lines-first-lax", *_ONLY_KEYS, account=account("@token@", *verified))
    yield tokens(
        "verified-from-elsewhere",
        *_ONLY_KEYS,
        account=account('from="10.77.0.2" @token@', *verified),
        sources=("10.77.0.1", "10.77.0.2"),
    )
    yield tokens(
        "verified-and-a-key-twice",
        "AuthenticationMethods publickey,publickey",
        account=account(*verified, "@key@"),
        keys=beside,
    )
    yield tokens(
        "verified-for-one-in-a-match-block",
        *_ONLY_KEYS,
        f"Match User alice\n{_VERIFY}",
        account=account("@token@", "@key@"),
        keys=beside,
    )
    ecdsa = ("ecdsa token", "ecdsa token with pin")
    yield tokens("ecdsa-touch", *_ONLY_KEYS, account=account("@ecdsa token@"), keys=ecdsa)
    yield tokens("ecdsa-verified", *_ONLY_KEYS, account=account("verify-required @ecdsa token@"), keys=ecdsa)
