"""What is read of each provider's export."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from hygiene.identities.exports import ExportInfo
from hygiene.identities.person import Doubt
from hygiene.model import Identity

from .exporting import (
    as_json,
    aws,
    entra,
    google,
    graph,
    keycloak,
    okta_user,
    person,
    read,
    realm_user,
    registration,
)

USER = "user1@example.org"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            "True|True|True|microsoftAuthenticatorPush, fido2SecurityKey",
            person(USER, "strong", "fido2", "push", admin=True),
            id="an administrator with an app and a key",
        ),
        pytest.param("False|False|False|", person(USER, "none", admin=False), id="nothing"),
        pytest.param(
            "False|True|True|mobilePhone, softwareOneTimePasscode",
            person(USER, "phishable", "sms", "totp", "voice", admin=False),
            id="SMS can be chosen though the app is the default",
        ),
        pytest.param(
            "False|True|True|email,windowsHelloForBusiness",
            person(USER, "strong", "email", "windows-hello", admin=False),
            id="mail resets passwords only",
        ),
        pytest.param(
            "False|False|False|email; securityQuestion",
            person(USER, "none", "email", "security-questions", admin=False),
            id="registered for resets only",
        ),
        pytest.param(
            "False|True|False|mobilePhone",
            person(USER, "none", "sms", "voice", admin=False),
            id="registered, and not allowed any more",
        ),
        pytest.param(
            "False|True|True|System.String[]",
            person(USER, "unknown", admin=False),
            id="Export-Csv lost the methods",
        ),
        pytest.param(
            "False|False|False|System.String[]", person(USER, "none", admin=False), id="lost, and there are none"
        ),
        pytest.param(
            "False|True|True|email", person(USER, "unknown", "email", admin=False), id="has one that is not listed"
        ),
        pytest.param(
            "False|True|True|passKeyDeviceBound,passKeySynced,x509CertificateMultiFactor,macOsSecureEnclaveKey",
            person(USER, "strong", "certificate", "passkey", "platform-key", admin=False),
            id="keys of every kind",
        ),
        pytest.param(
            "False|True|True|qrCodePin, fido2",
            person(USER, "unknown", "fido2", "unknown:qrcodepin", admin=False),
            id="a method that is not known may be weak",
        ),
    ],
)
def test_entra(tmp_path: Path, row: str, expected: Identity) -> None:
    assert list(read(tmp_path, entra(f"{USER}|{row}")).people) == [replace(expected, enabled=True)]


def test_rows_are_judged_each_by_what_it_says(tmp_path: Path) -> None:
    """Rows that say the same are judged once: no cell that decides may be taken for one that does not."""
    said = product(("True", "False"), ("True", "False"), ("True", "False"), ("fido2", "sms", ""))
    rows = [f"user{number}@example.org|{'|'.join(cells)}" for number, cells in enumerate(said)]

    together = list(read(tmp_path, entra(*rows)).people)

    assert together == [row for one in rows for row in read(tmp_path, entra(one)).people]


def test_entra_as_graph_gives_it(tmp_path: Path) -> None:
    content = graph(
        registration("a@example.org", "officePhone", isAdmin=True),
        registration("b@example.org", "temporaryAccessPass", "hardwareOneTimePasscode", userType="guest"),
        registration("c@example.org", isMfaRegistered=False, isMfaCapable=False),
        registration("d@example.org", isMfaRegistered=None, isMfaCapable=None, methodsRegistered=None),
        registration("e@example.org", "sms", accountEnabled=False),
    )
    audit = read(tmp_path, content)

    assert list(audit.people) == [
        person("a@example.org", "phishable", "voice", admin=True, enabled=True),
        person("b@example.org", "strong", "hardware-otp", "temporary-pass", admin=False, enabled=True),
        person("c@example.org", "none", admin=False, enabled=True),
        person("d@example.org", "unknown", admin=False, enabled=True),
        person("e@example.org", "phishable", "sms", admin=False, enabled=False),
    ]
    assert audit.exports == (
        ExportInfo(
            "export",
            str(tmp_path / "export"),
            "Microsoft Entra registration details",
            5,
            0,
            (f"1 person: {Doubt.WHETHER}",),
        ),
    )


def test_one_page_of_a_graph_answer_is_not_all(tmp_path: Path) -> None:
    content = graph(registration(USER, "fido2"), **{"@odata.nextLink": "https://graph.example/next"})
    (info,) = read(tmp_path, content).exports

    assert info.gaps == ("it is one page of several, and the others are not here; export all pages",)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("<root_account>|not_supported|false", ("none", True, True), id="the root user"),
        pytest.param("<root_account>|FALSE|false", ("none", True, False), id="a root user whose password was removed"),
        pytest.param("user1|true|true", ("strong", None, True), id="a user with MFA"),
        pytest.param("user1|true|false", ("none", None, True), id="a user without"),
        pytest.param("robot1|false|false", ("none", None, False), id="access keys alone: nobody signs in"),
    ],
)
def test_aws(tmp_path: Path, row: str, expected: tuple[str, bool | None, bool | None]) -> None:
    factor, admin, enabled = expected
    found = list(read(tmp_path, aws(row)).people)

    assert found == [person(row.partition("|")[0], factor, admin=admin, enabled=enabled)]


def test_google_users_of_the_console(tmp_path: Path) -> None:
    audit = read(
        tmp_path,
        google(
            "a@example.org|Active|True|False",
            "b@example.org|Active|False|False",
            "c@example.org|Suspended|True|",
            "d@example.org|Active|True|True",
        ),
    )

    assert list(audit.people) == [
        person("a@example.org", "unknown", enabled=True),
        person("b@example.org", "none", enabled=True),
        person("c@example.org", "unknown", enabled=False),
        person("d@example.org", "strong", enabled=True),
    ]
    # nothing has to be known of an account that is disabled
    assert audit.exports[0].gaps == (f"1 person: {Doubt.WHICH}",)


GOOGLE_API = [
    {"primaryEmail": "a@example.org", "isAdmin": True, "isDelegatedAdmin": False, "suspended": False}
    | {"archived": False, "isEnrolledIn2Sv": False, "isEnforcedIn2Sv": True},
    {"primaryEmail": "b@example.org", "isAdmin": False, "isDelegatedAdmin": True, "suspended": False}
    | {"archived": True, "isEnrolledIn2Sv": False},
    {"primaryEmail": "c@example.org", "isAdmin": False, "isDelegatedAdmin": False, "suspended": True}
    | {"isEnrolledIn2Sv": False},
]
GOOGLE_PEOPLE = [
    person("a@example.org", "none", admin=True, enabled=True),
    person("b@example.org", "none", admin=True, enabled=False),
    person("c@example.org", "none", admin=False, enabled=False),
]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(as_json({"kind": "admin#directory#users", "users": GOOGLE_API}), id="the Directory API"),
        pytest.param(
            "primaryEmail,isAdmin,isDelegatedAdmin,suspended,archived,isEnrolledIn2Sv\n"
            "a@example.org,True,False,False,False,False\n"
            "b@example.org,False,True,False,True,False\n"
            "c@example.org,False,False,True,,False\n",
            id="a script's CSV",
        ),
        pytest.param(
            "User,2-Step Verification enrollment,2-Step Verification enforcement,Admin status,User account status\n"
            "a@example.org,Not enrolled,Enforced,Super admin,Active\n"
            "b@example.org,Not enrolled,Enforced,Delegated admin,Archived\n"
            "c@example.org,Not enrolled,Enforced,None,Suspended\n",
            id="the report of accounts",
        ),
    ],
)
def test_google_elsewhere(tmp_path: Path, content: str) -> None:
    assert list(read(tmp_path, content).people) == GOOGLE_PEOPLE


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        pytest.param(realm_user("a", "password"), person("a", "none", admin=False, enabled=True), id="password alone"),
        pytest.param(
            realm_user("a", "password", "otp", realmRoles=["admin"]),
            person("a", "strong", "totp", admin=True, enabled=True),
            id="an administrator with an app",
        ),
        pytest.param(
            realm_user("a", "password", "otp", clientRoles={"realm-management": ["manage-users"]}),
            person("a", "strong", "totp", admin=True, enabled=True),
            id="who manages users can become anybody",
        ),
        pytest.param(
            realm_user("a", "password", "webauthn", "recovery-authn-codes", groups=["/admins"]),
            person("a", "strong", "backup-codes", "fido2", enabled=True),
            id="roles of groups are not followed",
        ),
        pytest.param(
            realm_user("a", "webauthn-passwordless"),
            person("a", "strong", "passkey", admin=False, enabled=True),
            id="a passkey and no password",
        ),
        pytest.param(
            realm_user("a", "password", "webauthn-passwordless"),
            person("a", "unknown", "passkey", admin=False, enabled=True),
            id="a passkey, and perhaps the password alone",
        ),
        pytest.param(
            realm_user("a", "password", "sms-authenticator"),
            person("a", "unknown", "unknown:sms-authenticator", admin=False, enabled=True),
            id="a credential of an extension",
        ),
        pytest.param(realm_user("a", enabled=False), person("a", "none", admin=False, enabled=False), id="disabled"),
        pytest.param(
            realm_user("a", federatedIdentities=[{"identityProvider": "x"}]),
            person("a", "unknown", admin=False, enabled=True),
            id="signs in at another provider",
        ),
        pytest.param(
            realm_user("a", "password", federatedIdentities=[{"identityProvider": "x"}]),
            person("a", "none", admin=False, enabled=True),
            id="may sign in at another provider, and here with a password",
        ),
        pytest.param(
            realm_user("service-account-x", serviceAccountClientId="x"),
            person("service-account-x", "none", admin=False, enabled=False),
            id="nobody signs in as a service",
        ),
        pytest.param(
            realm_user("a") | {"credentials": [{"type": "password"}, {"userLabel": "x"}]},
            person("a", "unknown", "unknown:?", admin=False, enabled=True),
            id="a credential without a type",
        ),
    ],
)
def test_keycloak(tmp_path: Path, user: dict[str, object], expected: Identity) -> None:
    assert list(read(tmp_path, keycloak(user)).people) == [expected]


def test_keycloak_realms_of_a_server_and_users_in_files_of_their_own(tmp_path: Path) -> None:
    realms = f"[{keycloak(realm_user('a', 'password'))}, {keycloak(realm_user('b', 'otp'))}]"

    assert [row.user for row in read(tmp_path, realms).people] == ["a", "b"]


def test_keycloak_users_as_the_api_lists_them(tmp_path: Path) -> None:
    users = [{"id": "1", "username": name, "enabled": True, "totp": totp} for name, totp in (("a", True), ("b", False))]
    audit = read(tmp_path, as_json(users))

    assert list(audit.people) == [
        person("a", "strong", "totp", enabled=True),
        person("b", "unknown", enabled=True),  # there may be a security key
    ]
    assert audit.exports[0].gaps == (f"1 person: {Doubt.WHETHER}",)


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        pytest.param(
            okta_user("a", "push", "token:software:totp", "webauthn", "signed_nonce"),
            person("a", "strong", "fido2", "platform-key", "push", "totp", enabled=True),
            id="strong ones",
        ),
        pytest.param(
            okta_user("a", "sms", "call", "email", "question"),
            person("a", "phishable", "email", "security-questions", "sms", "voice", enabled=True),
            id="phishable ones",
        ),
        pytest.param(
            okta_user("a", "question"), person("a", "none", "security-questions", enabled=True), id="question"
        ),
        pytest.param(
            okta_user("a", "push PENDING_ACTIVATION", "sms INACTIVE"),
            person("a", "none", enabled=True),
            id="begun and never finished",
        ),
        pytest.param(
            okta_user("a", "web"), person("a", "unknown", "unknown:web", enabled=True), id="a third party's frame"
        ),
        pytest.param(okta_user("a", status="SUSPENDED"), person("a", "none", enabled=False), id="suspended"),
        pytest.param(okta_user("a", status="LOCKED_OUT"), person("a", "none", enabled=True), id="locked for a while"),
        pytest.param(
            okta_user("a", roles=[{"type": "SUPER_ADMIN"}]), person("a", "none", admin=True, enabled=True), id="a role"
        ),
        pytest.param(okta_user("a", roles=[]), person("a", "none", admin=False, enabled=True), id="no role"),
        pytest.param(okta_user("a") | {"factors": None}, person("a", "unknown", enabled=True), id="factors not asked"),
    ],
)
def test_okta(tmp_path: Path, user: dict[str, object], expected: Identity) -> None:
    assert list(read(tmp_path, as_json([user])).people) == [expected]


def test_okta_factors_beside_the_users(tmp_path: Path) -> None:
    one, two = ({**okta_user(name), "id": name} for name in "ab")
    for user in (one, two):
        del user["factors"]
    content = as_json({"users": [one, two], "factors": {"a": okta_user("a", "webauthn")["factors"]}})

    assert list(read(tmp_path, content).people) == [
        person("a", "strong", "fido2", enabled=True),
        person("b", "unknown", enabled=True),
    ]


def test_okta_report_of_enrolments(tmp_path: Path) -> None:
    content = (
        "User,Login,User status,User isAdmin,Authenticator count,Authenticator type\n"
        'A B,a@example.org,Active,true,3,"Password, Okta Verify, Phone"\n'
        "C D,c@example.org,Active,false,1,Password\n"
        'E F,e@example.org,Deprovisioned,false,2,"Password, Security Key or Biometric Authenticator"\n'
    )

    assert list(read(tmp_path, content).people) == [
        person("a@example.org", "phishable", "push", "sms", "voice", admin=True, enabled=True),
        person("c@example.org", "none", admin=False, enabled=True),
        person("e@example.org", "strong", "fido2", admin=False, enabled=False),
    ]


def test_okta_report_of_use_has_a_row_for_each_factor(tmp_path: Path) -> None:
    content = (
        "User,Login,MFA Factor,Last Enrolled_ISO8601,Last Used_ISO8601\n"
        "A B,a@example.org,Password,2026-01-01T00:00:00.000Z,\n"
        "C D,c@example.org,FIDO2 (WebAuthn),2026-01-01T00:00:00.000Z,\n"
        "A B,A@example.org,Email Authentication,2026-01-01T00:00:00.000Z,\n"
        "A B,a@example.org,Okta Verify Push,2026-01-01T00:00:00.000Z,\n"
    )
    audit = read(tmp_path, content)

    assert list(audit.people) == [
        person("a@example.org", "phishable", "email", "push"),
        person("c@example.org", "strong", "fido2"),
    ]
    (gap,) = audit.exports[0].gaps
    assert gap == (
        "this report lists enrolled people alone, so whoever has no second factor is not in it; give the report MFA"
        " Enrollment by User"
    )


GITHUB_PEOPLE = [
    person("user1", "unknown", admin=True),
    person("user2", "none", admin=False),
    person("user3", "unknown", admin=False),
]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            as_json(
                [
                    {"login": "user1", "name": None, "tfa_enabled": True, "is_public": False, "role": "Owner"},
                    {"login": "user2", "name": "x", "tfa_enabled": False, "is_public": True, "role": "Member"},
                    {"login": "user3", "name": "x", "tfa_enabled": None, "is_public": True, "role": "Member"},
                ]
            ),
            id="JSON",
        ),
        pytest.param(
            "login,name,tfa_enabled,is_public,role,last_active,saml_name_id\n"
            "user1,,true,false,Owner,,\nuser2,x,false,true,Member,2026-10-01 00:00:00 UTC,\nuser3,x,,true,Member,,\n",
            id="CSV",
        ),
        pytest.param(
            "Login,Name,2FA enabled,Role\nuser1,,Yes,Admin\nuser2,x,No,Outside collaborator\nuser3,x,Required,Member\n",
            id="CSV with other headers",
        ),
    ],
)
def test_github(tmp_path: Path, content: str) -> None:
    assert list(read(tmp_path, content).people) == GITHUB_PEOPLE


def test_github_that_says_which(tmp_path: Path) -> None:
    content = (
        "login,two_factor_enabled,two_factor_methods,role\n"
        'user1,enabled,"app, sms","Organization member, Enterprise owner"\n'
        "user2,secure,,Member\nuser3,insecure,,Member\n"
    )

    assert list(read(tmp_path, content).people) == [
        person("user1", "phishable", "sms", "totp", admin=True),
        person("user2", "strong", admin=False),
        person("user3", "phishable", admin=False),
    ]


def test_gitlab(tmp_path: Path) -> None:
    user = {"state": "active", "is_admin": False, "bot": False, "email_otp_required_after": None}
    content = as_json(
        [
            {**user, "username": "root", "is_admin": True, "two_factor_enabled": False},
            {**user, "username": "user2", "two_factor_enabled": True},
            {**user, "username": "user3", "two_factor_enabled": False, "state": "ldap_blocked"},
            {**user, "username": "bot4", "two_factor_enabled": False, "bot": True},
            {**user, "username": "user5", "two_factor_enabled": True, "email_otp_required_after": "2026-01-01"},
            {**user, "username": "user6", "two_factor_enabled": False, "email_otp_required_after": "2026-01-01"},
        ]
    )

    assert list(read(tmp_path, content).people) == [
        person("root", "none", admin=True, enabled=True),
        person("user2", "strong", admin=False, enabled=True),
        person("user3", "none", admin=False, enabled=False),
        person("bot4", "none", admin=False, enabled=False),
        person("user5", "phishable", "email", admin=False, enabled=True),
        person("user6", "phishable", "email", admin=False, enabled=True),
    ]


def test_gitlab_that_does_not_say_whether_mail_is_taken(tmp_path: Path) -> None:
    audit = read(tmp_path, "username,state,two_factor_enabled\nuser1,active,true\nuser2,active,false\n")

    assert list(audit.people) == [person("user1", "unknown", enabled=True), person("user2", "none", enabled=True)]
    assert audit.exports[0].gaps == (f"1 person: {Doubt.WHICH}",)


def test_atlassian(tmp_path: Path) -> None:
    content = (
        "Name,Email,Atlassian ID,Status,Billable,SAML single sign-on,Two-step verification,Jira\n"
        "A,a@example.org,1,Active,Yes,No,Yes,x\n"
        "B,b@example.org,2,Active,Yes,No,No,x\n"
        "C,c@example.org,3,Active,Yes,Yes,No,x\n"
        "D,d@example.org,4,Deactivated,No,No,No,\n"
    )
    audit = read(tmp_path, content)

    assert list(audit.people) == [
        person("a@example.org", "unknown", enabled=True),
        person("b@example.org", "none", enabled=True),
        person("c@example.org", "unknown", enabled=True),
        person("d@example.org", "none", enabled=False),
    ]
    assert audit.exports[0].gaps == (f"1 person: {Doubt.WHICH}", f"1 person: {Doubt.ELSEWHERE}")


MAPPING = {"vpn": {"user": "Account", "admin": "Rolle", "enabled": "Aktiv", "methods": "Token", "second_factor": "2FA"}}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param("a;Admin;ja;SMS;ja", person("a", "phishable", "sms", admin=True, enabled=True), id="methods"),
        pytest.param("a;user;wahr;;ja", person("a", "unknown", admin=False, enabled=True), id="yes, and not which"),
        pytest.param("a;;nein;TOTP;nein", person("a", "none", enabled=False), id="no, whatever is listed"),
        pytest.param("a;;;;strong", person("a", "strong"), id="a word of the table"),
        pytest.param("a;;;;", person("a", "unknown"), id="nothing is said"),
    ],
)
def test_mapped(tmp_path: Path, row: str, expected: Identity) -> None:
    audit = read(tmp_path, f"Account;Name;Rolle;Aktiv;Token;2FA\n{row.replace(';', ';Name;', 1)}\n", MAPPING)

    assert list(audit.people) == [expected]
    assert audit.exports[0].format == "[identities.vpn] of the policy"


def test_a_mapping_goes_before_what_is_known(tmp_path: Path) -> None:
    mapping = {"mine": {"user": "login", "second_factor": "is_public"}}
    content = "login,name,tfa_enabled,is_public,role\nuser1,,true,false,Owner\n"

    assert list(read(tmp_path, content, mapping).people) == [person("user1", "none")]
    assert read(tmp_path, content, {"other": {"user": "uid", "methods": "m"}}).exports[0].format == "GitHub people"
