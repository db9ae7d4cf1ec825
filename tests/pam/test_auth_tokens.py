"""What rules that ask for tokens make of an account: minimal sets with their notes, and who has a token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hygiene.model import PasswordState, Truth
from hygiene.openssh.connection import Source
from hygiene.pam.auth import Credentials, Pass, auth_stage
from hygiene.pam.question import Conf, Conversation, Person, Stat
from hygiene.pam.stack import read
from hygiene.pam.tokens import TokenRule, token_rules

from .distributions import SSSD, rhel
from .test_account import ALICE, QUIET, ROOT, host

WITH_PASSWORD = replace(ALICE, password=PasswordState.SET)
AT = "/etc/pam.d/sshd"
OWN_FILE, KEY_FILE, YUBIKEY_FILE = (
    "~/.google_authenticator",
    "~/.config/Yubico/u2f_keys",
    "~/.yubico/authorized_yubikeys",
)
OWN = "/home/alice/.google_authenticator"
KEYS = "/home/alice/.config/Yubico/u2f_keys"
YUBIKEYS = "/home/alice/.yubico/authorized_yubikeys"
DUO = "/etc/security/pam_duo.conf"
FILE = Stat("-", 1000, 1000, 0o400)
OF_ROOT = Stat("-", 0, 0, 0o600)
UNIX, GOOGLE = "auth required pam_unix.so\n", "auth required pam_google_authenticator.so"
EACH, ONE = Conversation.EACH, Conversation.ONE


def having(path: str, stat: Stat = FILE, data: bytes | None = None, conf: Conf = QUIET) -> Conf:
    files = conf.files if data is None else {**conf.files, path: data}
    return replace(conf, stats={**conf.stats, path: stat}, files=files)


def lacking(*paths: str, conf: Conf = QUIET) -> Conf:
    return replace(conf, absent=conf.absent | set(paths))


def way(forms: str, *notes: str, condition: str | None = None) -> Pass:
    return Pass(frozenset(forms.split()), notes, condition)


def sure(*passes: Pass) -> Credentials:
    return Credentials(passes)


def maybe(doubt: str, *possible: Pass, sets: tuple[Pass, ...] = ()) -> Credentials:
    return Credentials(sets, possible, doubt)


NOBODY, BOTH, PASSWORD, CODE = sure(), sure(way("code password")), sure(way("password")), sure(way("code"))
NULLOK = f"{OWN_FILE} is not there, and nullok passes over who has none"
REFUSED = "its control lets pass what the module refuses"
ENROLLED, MISSING = having(OWN), lacking(OWN)
USERS = "usersfile=/etc/users.oath"
DUO_CONF = b"[duo]\nikey = REDACTED\nskey = REDACTED\nhost = REDACTED\n"
DUO_AWAY = "the server of pam_duo cannot be reached"
DUO_ASKS = "whether Duo's server lets the account pass without a code is not known"
NO_U2F_CONF = lacking("/etc/security/pam_u2f.conf")
U2F_VERSION = "which version of pam_u2f this is is not known"
NO_KEY = f"{KEY_FILE} has no key of the account, and nouserok lets pass who has none"
NO_TOKEN = "has no token of the account, and nullok passes over who has none"
RADIUS = "what the RADIUS server asks for is not known"
RADIUS_AWAY = "the server of pam_radius_auth cannot be reached"


def users(*lines: str) -> Conf:
    return replace(QUIET, files={"/etc/users.oath": "".join(f"{line}\n" for line in lines).encode()})


def duo(text: bytes = b"", mode: int = 0o600) -> Conf:
    return lacking("/etc/duo/pam_duo.conf", conf=having(DUO, Stat("-", 0, 0, mode), DUO_CONF + text))


def keys(text: bytes, stat: Stat = FILE) -> Conf:
    return having(KEYS, stat, text, NO_U2F_CONF)


def row(text: str, conf: Conf, expected: Credentials, id: str, conversation: Conversation = EACH) -> object:  # noqa: A002
    return pytest.param(text, conf, conversation, expected, id=id)


@pytest.mark.parametrize(
    ("text", "conf", "conversation", "expected"),
    [
        row(f"{UNIX}{GOOGLE}\n", ENROLLED, BOTH, "password-and-code"),
        row(f"{UNIX}{GOOGLE}\n", ENROLLED, NOBODY, "two-prompts-and-one-text", ONE),
        row(f"{UNIX}{GOOGLE}\n", MISSING, NOBODY, "not-enrolled"),
        row(f"{UNIX}{GOOGLE} nullok\n", MISSING, sure(way("password", f"{AT}:2: {NULLOK}")), "nullok"),
        row(f"{UNIX}{GOOGLE} nullok\n", ENROLLED, BOTH, "nullok-is-nothing-to-the-enrolled"),
        row(
            f"{UNIX}{GOOGLE} nullok\n",
            QUIET,
            maybe(f"{AT}:2: {OWN_FILE} was not seen", way("password"), sets=(way("code password"),)),
            "nullok-and-not-seen",
        ),
        row(
            f"{UNIX}{GOOGLE}\n",
            QUIET,
            maybe(f"{AT}:2: {OWN_FILE} was not seen", way("code password")),
            "not-seen",
        ),
        row(f"{GOOGLE} nullok\n", MISSING, NOBODY, "all-ignored-fails"),
        row(
            f"{GOOGLE} nullok\nauth required pam_permit.so\n",
            MISSING,
            sure(way("", f"{AT}:1: {NULLOK}")),
            "nullok-and-permit-let-everybody-in",
        ),
        row(f"{UNIX}{GOOGLE} nullOK\n", ENROLLED, NOBODY, "an-unknown-option-fails"),
        row(f"{UNIX}{GOOGLE} grace_period=5m\n", ENROLLED, NOBODY, "a-garbled-option-fails"),
        row(f"{UNIX}{GOOGLE} allowed_perm=09\n", ENROLLED, NOBODY, "allowed-perm-is-octal"),
        row(
            f"{UNIX}{GOOGLE} nullok\n",
            having(OWN, replace(FILE, mode=0o644)),
            NOBODY,
            "nullok-does-not-excuse-a-file-with-a-wrong-mode",
        ),
        row(f"{UNIX}{GOOGLE} allowed_perm=0644\n", having(OWN, replace(FILE, mode=0o644)), BOTH, "allowed-perm"),
        row(f"{UNIX}{GOOGLE}\n", having(OWN, replace(FILE, uid=0)), NOBODY, "not-the-owner"),
        row(
            f"{UNIX}{GOOGLE} no_strict_owner\n", having(OWN, replace(FILE, uid=0)), NOBODY,
            "no-strict-owner-and-not-to-be-read",
        ),
        row(
            f"{UNIX}{GOOGLE} secret=/srv/${{USER}}~/~/${{HOME}}\n",
            having("/srv/alice~//home/alice//home/alice"),
            BOTH,
            "a-tilde-counts-behind-a-slash-alone",
        ),
        row(f"{UNIX}{GOOGLE} secret=/~/x\n", having("//home/alice/x"), BOTH, "a-tilde-counts-behind-a-slash"),
        row(f"{UNIX}{GOOGLE} user=root secret=/srv/${{USER}}\n", having("/srv/alice", OF_ROOT), BOTH, "other-user"),
        row(f"{UNIX}{GOOGLE} user=root nullok\n", MISSING, NOBODY, "other-user-has-no-home"),
        row(
            f"{UNIX}{GOOGLE} grace_period=600\n",
            ENROLLED,
            sure(
                way("code password"),
                way(
                    "password",
                    f"{AT}:2: grace_period=600 asks for no other code in that time",
                    condition="the account logged in with a code, from the same address, in the last 600 seconds",
                ),
            ),
            "grace-period",
        ),
        row(f"{UNIX}{GOOGLE} echo_verification_code\n", ENROLLED, NOBODY, "a-shown-prompt-has-no-answer", ONE),
        row(f"{GOOGLE} forward_pass\n{UNIX}", ENROLLED, BOTH, "forward-pass", ONE),
        row(f"{GOOGLE} forward_pass\n{UNIX}", ENROLLED, BOTH, "forward-pass-each"),
        row(f"{UNIX}{GOOGLE} use_first_pass\n", ENROLLED, NOBODY, "a-password-is-no-code"),
        row(f"auth optional pam_unix.so\n{GOOGLE} use_first_pass\n", ENROLLED,
            sure(way("code")), "a-code-for-the-password"),
        row(
            f"auth sufficient pam_unix.so\n{GOOGLE}\n",
            ENROLLED,
            sure(way("code"), way("password", f"{AT}:2: pam_google_authenticator is not asked")),
            "either",
        ),
        row(
            f"auth [success=1 default=ignore] pam_unix.so\n{GOOGLE}\nauth required pam_permit.so\n",
            ENROLLED,
            sure(way("code"), way("password", f"{AT}:2: pam_google_authenticator is not asked")),
            "jump-over-the-code",
        ),
        row(
            f"{UNIX}{GOOGLE.replace('required', 'optional')}\n",
            ENROLLED,
            sure(way("password", f"{AT}:2: {REFUSED}")),
            "optional-code",
        ),
        row(
            f"auth [success=1 default=ignore] pam_succeed_if.so user ingroup ops\n{GOOGLE}\n{UNIX}",
            ENROLLED,
            sure(way("password", f"{AT}:2: pam_google_authenticator is not asked")),
            "group-exempt-from-the-code",
        ),
        row(f"{UNIX}auth required pam_foo.so\n", QUIET,
            maybe(f"{AT}:2: what pam_foo.so says is not known", way("password")), "unknown-behind-a-password"),
        # codes of one file for all
        row(f"{UNIX}auth required pam_oath.so {USERS}\n", users("HOTP/T30 alice -"), BOTH, "oath"),
        row(f"{UNIX}auth required pam_oath.so {USERS}\n", users("HOTP alice set"), NOBODY, "oath-pin-without-digits"),
        row(f"auth required pam_oath.so {USERS} digits=6\n", users("HOTP alice set"), BOTH, "oath-pin"),
        row(f"auth required pam_oath.so {USERS}\n", users("HOTP bob -", "# x", "XOTP alice -"), NOBODY, "oath-nobody"),
        row(
            f"auth [user_unknown=ignore default=die success=ok] pam_oath.so {USERS}\n{UNIX}",
            users(),
            maybe(f"{AT}:1: which version of the module this is is not known", way("password")),
            "oath-who-has-no-line-is-another-code-since-2.6.7",
        ),
        row(f"auth required pam_oath.so {USERS} digits=6\n{UNIX}", users("HOTP alice +"), BOTH, "oath-forwards", ONE),
        row(f"auth required pam_oath.so {USERS} digits=6\n{UNIX}", users("HOTP alice -"), NOBODY, "oath-does-not", ONE),
        row(
            f"{UNIX}auth required pam_oath.so {USERS} alwaysok\n",
            QUIET,
            sure(way("password", f"{AT}:2: alwaysok lets everybody pass")),
            "oath-alwaysok",
        ),
        row(
            f"{UNIX}auth required pam_oath.so {USERS}\n",
            QUIET,
            maybe(f"{AT}:2: /etc/users.oath was not seen", way("code password")),
            "oath-not-seen",
        ),
        row(
            f"auth optional pam_oath.so {USERS} digits=6\n{UNIX}",
            lacking("/etc/users.oath"),
            sure(way("password", f"{AT}:1: {REFUSED}")),
            "oath-keeps-what-stands-before-six-letters",
            ONE,
        ),
        # Duo
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"failmode = secure\n"),
            maybe(f"{AT}:2: {DUO_ASKS}", way("password"), sets=(way("code password"),)),
            "duo-secure",
        ),
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(),
            maybe(
                f"{AT}:2: {DUO_ASKS}",
                way("password"),
                sets=(
                    way("code password"),
                    way("password", f"{AT}:2: failmode = safe in {DUO}", condition=DUO_AWAY),
                ),
            ),
            "duo-safe-by-default",
        ),
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"failmode = secure\n"),
            maybe(f"{AT}:2: {DUO_ASKS}", way("password")),
            "duo-shows-what-is-typed",
            ONE,
        ),
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"failmode = secure\nautopush = yes\n"),
            maybe(f"{AT}:2: {DUO_ASKS}", way("password"), sets=(way("code password"),)),
            "duo-push-needs-no-prompt",
            ONE,
        ),
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"groups = users !ops,*\n"),
            sure(way("password", f"{AT}:2: {DUO} does not ask the groups of the account")),
            "duo-exempt-group",
        ),
        row(
            f"{UNIX}auth required pam_duo.so conf=/etc/duo.conf\n",
            lacking("/etc/duo.conf"),
            sure(way("password", f"{AT}:2: /etc/duo.conf is not there, and the module lets everybody pass")),
            "duo-without-configuration",
        ),
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"failmode = secure\n", mode=0o640),
            sure(
                way(
                    "password",
                    f"{AT}:2: {DUO} can be read by others, which the module does not take, "
                    "and the module lets everybody pass",
                )
            ),
            "duo-configuration-that-others-read",
        ),
        row(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"failmode = secure\nfailmode = no\n"),
            NOBODY,
            "duo-broken-secure",
        ),
        row(f"{UNIX}auth required pam_duo.so quiet\n", duo(), NOBODY, "duo-unknown-option"),
        # keys in the host
        row(f"{UNIX}auth required pam_u2f.so\n", keys(b"alice:+presence\n"), sure(way("key password")), "u2f"),
        row("auth required pam_u2f.so\n", keys(b"alice:+presence+pin\n"), sure(way("verified-key")), "u2f-pin"),
        row(
            "auth required pam_u2f.so\n",
            keys(b"alice:+presence+pin:+presence\n"),
            sure(way("key")),
            "u2f-one-of-them-without-pin",
        ),
        row(
            "auth required pam_u2f.so pinverification=1\n",
            keys(b"alice:-\n"),
            sure(way("verified-key")),
            "u2f-always-pin",
        ),
        row(
            "auth required pam_u2f.so\n",
            keys(b"alice:+presence+verification\n"),
            sure(way("verified-key")),
            "u2f-finger",
        ),
        row(
            f"{UNIX}auth required pam_u2f.so\n",
            keys(b"alice:+pin:+verification\n"),
            sure(way("password verified-key")),
            "u2f-a-finger-needs-no-prompt",
            ONE,
        ),
        row(f"{UNIX}auth required pam_u2f.so\n", keys(b"bob:-\nalice:\n"), NOBODY, "u2f-nobody"),
        row(
            f"{UNIX}auth required pam_u2f.so nouserok\n",
            keys(b"bob:-\n"),
            maybe(f"{AT}:2: {U2F_VERSION}", way("password", f"{AT}:2: {NO_KEY}")),
            "u2f-nouserok",
        ),
        row(
            f"{UNIX}auth required pam_u2f.so nouserok\n",
            lacking(KEYS, conf=NO_U2F_CONF),
            sure(way("password", f"{AT}:2: {NO_KEY}")),
            "u2f-nouserok-without-a-file",
        ),
        row(
            "auth sufficient pam_u2f.so nouserok\n" + UNIX,
            lacking(KEYS, conf=NO_U2F_CONF),
            maybe(
                f"{AT}:1: {U2F_VERSION}",
                way("", f"{AT}:1: {NO_KEY}"),
                sets=(way("password", f"{AT}:1: {NO_KEY}"),),
            ),
            "u2f-nouserok-was-success-before-1.3.1",
        ),
        row(
            f"{UNIX}auth required pam_u2f.so\n",
            replace(keys(b"alice:-\n"), absent=QUIET.absent, files={
                KEYS: b"alice:-\n", "/etc/security/pam_u2f.conf": b"# x\nalwaysok # y\n"}),
            sure(way("password", f"{AT}:2: alwaysok lets everybody pass")),
            "u2f-alwaysok-in-its-file",
        ),
        # codes that a YubiKey types
        row(f"{UNIX}auth required pam_yubico.so id=1\n", having(YUBIKEYS, FILE, b"alice:\n"), BOTH, "yubico"),
        row(
            f"auth required pam_yubico.so id=1\n{UNIX}",
            having(YUBIKEYS, FILE, b"alice:\n"),
            BOTH,
            "yubico-takes-password-and-code",
            ONE,
        ),
        row(
            f"{UNIX}auth required pam_yubico.so id=1 nullok authfile=/etc/yubikeys\n",
            having("/etc/yubikeys", OF_ROOT, b"bob:\n"),
            sure(way("password", f"{AT}:2: /etc/yubikeys {NO_TOKEN}")),
            "yubico-nullok",
        ),
        row(
            f"{UNIX}auth required pam_yubico.so id=1 nullok\n",
            lacking(YUBIKEYS),
            maybe(
                f"{AT}:2: which version of pam_yubico this is is not known",
                way("password", f"{AT}:2: {YUBIKEY_FILE} {NO_TOKEN}"),
            ),
            "yubico-nullok-without-a-file-since-2.27",
        ),
        row(
            "auth [success=ok authinfo_unavail=ignore default=die] pam_yubico.so id=1\n" + UNIX,
            having(YUBIKEYS, FILE, b"alice:\n"),
            sure(
                way("code password"),
                way("password", f"{AT}:1: {REFUSED}", condition="the server of pam_yubico cannot be reached"),
            ),
            "yubico-server-away-ignored",
        ),
        # servers that decide all
        row(
            f"auth sufficient pam_radius_auth.so\n{UNIX}",
            replace(QUIET, files={"/etc/pam_radius_auth.conf": b"# x\nserver\n"}),
            maybe(f"{AT}:1: {RADIUS}", way("code"), sets=(way("password"),)),
            "radius-asks-what-it-wants",
        ),
        row(
            f"auth required pam_radius_auth.so localifdown\n{UNIX}",
            replace(QUIET, files={"/etc/pam_radius_auth.conf": b"server\n"}),
            maybe(
                f"{AT}:1: {RADIUS}", way("password"), sets=(way("password", condition=RADIUS_AWAY),)
            ),
            "radius-localifdown",
        ),
        row(
            f"auth required pam_radius_auth.so\n{UNIX}",
            lacking("/etc/pam_radius_auth.conf", "/etc/raddb/server", "/etc/pam_radius.conf"),
            NOBODY,
            "radius-without-configuration",
        ),
        row(
            f"{UNIX}auth required pam_python.so /opt/privacyidea_pam.py\n",
            QUIET,
            maybe(f"{AT}:2: what pam_python.so says is not known", way("password")),
            "privacyidea",
        ),
        row(f"{UNIX}auth required pam_ssh_agent_auth.so file=/etc/keys\n", QUIET, NOBODY, "no-agent-before-the-login"),
        row(f"auth optional pam_gnome_keyring.so\nauth optional pam_cap.so\n{UNIX}", QUIET, PASSWORD, "bystanders"),
        row(
            f"auth sufficient pam_fprintd.so\nauth sufficient pam_rhosts.so\n{UNIX}",
            QUIET,
            PASSWORD,
            "not-from-elsewhere",
        ),
        row(
            f"auth sufficient pam_timestamp.so\n{UNIX}",
            QUIET,
            sure(
                way("password"),
                way("", condition="pam_timestamp has let the account in a short time ago, on the same terminal"),
            ),
            "timestamp",
        ),
    ],
)  # fmt: skip
def test_minimal_sets_with_tokens(text: str, conf: Conf, conversation: Conversation, expected: Credentials) -> None:
    stacks = read(host({"sshd": text.encode()}))
    assert auth_stage(stacks, WITH_PASSWORD, Source("*"), conf, conversation=conversation) == expected


@pytest.mark.parametrize(
    ("files", "person", "caller", "expected"),
    [
        pytest.param(rhel(SSSD), replace(ALICE, password=PasswordState.LOCKED), None,
            maybe("/etc/pam.d/password-auth:4: whether the servers of pam_sss know the account, and what they ask of "
                "it, is not known", way("password")), id="locked-here-but-maybe-not-in-the-directory"),
        pytest.param(rhel(SSSD), replace(ROOT, password=PasswordState.LOCKED), None, NOBODY, id="root-is-in-none"),
        pytest.param(
            {"sshd": b"auth required pam_krb5.so minimum_uid=1001\n"}, WITH_PASSWORD, None, NOBODY, id="minimum-uid"),
        pytest.param({"sshd": b"auth sufficient pam_rootok.so\nauth required pam_wheel.so use_uid group=ops\n"
            b"auth required pam_unix.so\n"}, replace(ROOT, password=PasswordState.SET), ALICE, PASSWORD, id="su"),
    ],
)  # fmt: skip
def test_other_people(
    files: dict[str, bytes | None], person: Person, caller: Person | None, expected: Credentials
) -> None:
    assert auth_stage(read(host(files)), person, Source("*"), QUIET, caller=caller) == expected


INSTALLED = frozenset({"pam_unix.so", "pam_permit.so", "pam_deny.so"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(UNIX, PASSWORD, id="installed"),
        pytest.param(f"{UNIX}{GOOGLE} nullok\n", NOBODY, id="not-installed-fails"),
        pytest.param(f"{UNIX}-{GOOGLE} nullok\n", NOBODY, id="a-hyphen-silences-only"),
        pytest.param(
            f"{UNIX}{GOOGLE.replace('required', 'optional')}\n",
            sure(way("password", f"{AT}:2: {REFUSED}")),
            id="an-optional-one-is-nothing",
        ),
        pytest.param(f"{UNIX}auth required /lib/security/pam_u2f.so\n", NOBODY, id="by-its-path"),
    ],
)
def test_modules_that_are_not_installed(text: str, expected: Credentials) -> None:
    stacks = read(host({"sshd": text.encode()}))
    conf = replace(lacking(OWN, KEYS, conf=NO_U2F_CONF), modules=INSTALLED)
    assert auth_stage(stacks, WITH_PASSWORD, Source("*"), conf) == expected
    assert token_rules(stacks, WITH_PASSWORD, conf) == ()


YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def rule(module: str, *states: Truth, detail: str | None, line: int = 2, form: str = "code") -> TokenRule:
    enrolled, without, away = states
    return TokenRule(module, f"{AT}:{line}", form, enrolled, without, away, detail)


@pytest.mark.parametrize(
    ("text", "conf", "expected"),
    [
        pytest.param(UNIX, QUIET, (), id="none"),
        pytest.param(
            f"{UNIX}{GOOGLE}\n",
            ENROLLED,
            (rule("pam_google_authenticator", YES, NO, NO, detail=OWN),),
            id="enrolled",
        ),
        pytest.param(
            f"{UNIX}{GOOGLE} nullok\n",
            MISSING,
            (rule("pam_google_authenticator", NO, YES, NO, detail=OWN),),
            id="passes-without",
        ),
        pytest.param(
            f"{UNIX}{GOOGLE} nullok\n",
            QUIET,
            (rule("pam_google_authenticator", UNKNOWN, UNKNOWN, NO, detail=OWN),),
            id="not-seen",
        ),
        pytest.param(
            f"{UNIX}auth required pam_oath.so {USERS}\n",
            users("HOTP bob -"),
            (rule("pam_oath", NO, NO, NO, detail="/etc/users.oath"),),
            id="oath",
        ),
        pytest.param(
            f"{UNIX}auth required pam_duo.so\n", duo(), (rule("pam_duo", UNKNOWN, UNKNOWN, YES, detail=DUO),), id="duo"
        ),
        pytest.param(
            f"{UNIX}auth required pam_duo.so\n",
            duo(b"groups = nobody\n"),
            (rule("pam_duo", UNKNOWN, YES, YES, detail=DUO),),
            id="duo-exempt",
        ),
        pytest.param(
            "auth sufficient pam_unix.so\nauth required pam_u2f.so nouserok\n",
            keys(b"alice:+pin\n"),
            (rule("pam_u2f", YES, NO, NO, detail=KEYS, form="verified-key"),),
            id="u2f",
        ),
        pytest.param(
            f"{UNIX}auth required pam_yubico.so nullok\n",
            having(YUBIKEYS, FILE, b"bob:\n"),
            (rule("pam_yubico", NO, YES, NO, detail=YUBIKEYS),),
            id="yubico",
        ),
        pytest.param(
            f"{UNIX}auth required pam_python.so privacyidea_pam.py\n",
            QUIET,
            (rule("pam_python", UNKNOWN, UNKNOWN, UNKNOWN, detail=None),),
            id="privacyidea",
        ),
        pytest.param(f"{UNIX}auth required pam_python.so other.py\n", QUIET, (), id="any-program"),
        pytest.param(f"auth sufficient pam_permit.so\n{GOOGLE}\n", ENROLLED, (), id="never-reached"),
        pytest.param(
            f"auth [success=2 default=1] pam_deny.so\n{GOOGLE}\n{GOOGLE} nullok\n",
            ENROLLED,
            (rule("pam_google_authenticator", YES, NO, NO, detail=OWN, line=3),),
            id="jumped-over",
        ),
        pytest.param("@include missing\n", QUIET, (), id="pam-does-not-start"),
    ],
)
def test_rules_that_ask_for_a_token(text: str, conf: Conf, expected: tuple[TokenRule, ...]) -> None:
    assert token_rules(read(host({"sshd": text.encode()})), WITH_PASSWORD, conf) == expected
