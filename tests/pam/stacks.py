"""Random PAM stacks of modules that say what they return: everything a file can hold, with a bent for what matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from hygiene.pam.codes import Code
from hygiene.pam.evaluate import Outcome
from hygiene.pam.stack import Rule

CODES = [code.name.lower() for code in Code]
_FREQUENT = ["success", "success", "ignore", "auth_err", "new_authtok_reqd", "user_unknown"]
_ODD_CONTROLS = [
    "binding",
    "foo",
    "[success=0]",
    "[success]",
    "success=ok",
    "[default=okignore=bad]",
    "[success = ok default\t= bad]",
    "[Success=ok]",
    "[success=ok default=2147483647]",
    "[success=ok [ignore=die]",
    "[success=ok \\] default=bad]",
]
_ODD_LINES = [
    "# comment",
    "",
    "account",
    "account required",
    "\\",
    "  \t",
    "account required \\\n  pam_permit.so # x \\",
    "account required pam_permit.so [a b] [c",
    "account [required][pam_permit.so]",
]
OTHER = b"account required pam_debug.so acct=acct_expired\nauth required pam_debug.so auth=maxtries\n"


def service(name: str, random: Random) -> dict[str, bytes]:
    """A service with up to three files that it may include, each of which may include those before it."""
    files: dict[str, bytes] = {}
    for index in range(random.randint(0, 3)):
        files[f"{name}-{index}"] = _file(list(files), random, 4)
    files[name] = _file(list(files), random, 6)
    return files


def _file(included: Sequence[str], random: Random, most: int) -> bytes:
    lines = [_line(included, random) for _ in range(random.randint(0, most))]
    return ("\n".join(lines) + random.choice(["\n", "\n", ""])).encode()


def _line(included: Sequence[str], random: Random) -> str:
    kind = random.choice(["account"] * 6 + ["auth", "ACCOUNT", "-account", "foo", "[account]"])
    draw = random.random()
    if included and draw < 0.12:
        return f"{kind} include @/{random.choice(included)}"
    if included and draw < 0.3:
        return f"{kind} substack @/{random.choice(included)}"
    if included and draw < 0.33:
        return f"@include @/{random.choice(included)}"
    if draw < 0.335:
        return random.choice([f"{kind} include @/missing", f"{kind} substack @/missing", "@include @/missing"])
    if draw < 0.345:
        return random.choice(_ODD_LINES)
    return f"{kind} {_control(random)} {_module(random, 'auth' if kind in ('auth', 'foo') else 'acct')}"


def _control(random: Random) -> str:
    draw = random.random()
    if draw < 0.45:
        return random.choice(["required", "requisite", "sufficient", "optional", "REQUIRED", "[required]"])
    if draw < 0.5:
        return random.choice(_ODD_CONTROLS)
    pairs = [
        f"{random.choice([*_FREQUENT, 'default', 'default', random.choice(CODES)])}="
        f"{random.choice(['ok', 'done', 'bad', 'die', 'ignore', 'reset', '1', '2', '3', '1', '2', '5'])}"
        for _ in range(random.randint(1, 4))
    ]
    return f"[{' '.join(pairs)}]"


def _module(random: Random, argument: str) -> str:
    draw = random.random()
    if draw < 0.75:
        return f"pam_debug.so {argument}={random.choice([*_FREQUENT, random.choice(CODES)])}"
    if draw < 0.95:
        return random.choice(["pam_permit.so", "pam_permit.so", "pam_deny.so"])
    return random.choice(["pam_nope.so", "pam_permit", "", "pam_debug.so acct=nonsense auth=no", "/nowhere/pam_x.so"])


def outcomes(rule: Rule, stage: str) -> tuple[Outcome, ...]:
    """What the modules above return: pam_debug, pam_permit, pam_deny; all others are not there."""
    match rule.module:
        case "pam_permit.so":
            return (Outcome(Code.SUCCESS),)
        case "pam_deny.so":
            return (Outcome(Code.AUTH_ERR),)
        case "pam_debug.so":
            return (Outcome(_told(rule.arguments, "acct=" if stage == "account" else "auth=")),)
        case _:
            return (Outcome(Code.MODULE_UNKNOWN),)


def _told(arguments: Sequence[str], prefix: str) -> Code:
    word = next((argument.removeprefix(prefix) for argument in arguments if argument.startswith(prefix)), "success")
    return Code[word.upper()] if word in CODES else Code.SUCCESS


def in_pam_d(files: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """The same files as a host has them."""
    return {f"/etc/pam.d/{name}": data.replace(b"@/", b"/etc/pam.d/") for name, data in files.items()}
