"""AWS IAM: the credential report of an account.

Source of the columns: AWS IAM User Guide, "Generate credential reports for your AWS account".
"""

from __future__ import annotations

from collections.abc import Mapping

from hygiene.identities.format import Format
from hygiene.identities.person import Person, by_word
from hygiene.identities.row import Row
from hygiene.model import SecondFactor

_ROOT = "<root_account>"
# the root user has a password that the report does not follow, unless it was removed centrally (FALSE)
_PASSWORD: Mapping[str, bool] = {"true": True, "false": False, "notsupported": True}


def _person(row: Row) -> Person:
    user = row.user("user")
    return by_word(
        user,
        True if user == _ROOT else None,
        # nobody signs in as a user that has access keys alone
        row.word("password", _PASSWORD),
        row.truth("mfa"),
        # virtual and hardware TOTP devices, security keys, passkeys; AWS ended MFA by SMS
        when_has=SecondFactor.STRONG,
    )


FORMAT = Format(
    name="AWS IAM credential report",
    columns={"user": ("user",), "arn": ("arn",), "password": ("passwordenabled",), "mfa": ("mfaactive",)},
    needs=(("user",), ("arn",), ("password",), ("mfa",)),
    person=_person,
)
