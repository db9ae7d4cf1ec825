"""Whether another host, or a ticket of Kerberos, opens an account: by the files that sshd asks for that."""

from __future__ import annotations

from hygiene.facts.accounts import People, Person
from hygiene.facts.daemons import Daemon
from hygiene.facts.files import Files
from hygiene.facts.seen import Seen
from hygiene.model import Truth
from hygiene.openssh.permissions import Judgement
from hygiene.openssh.settings import Settings


class HostTrust:
    """What the files of a host say of the two methods that need neither a key nor a password of the person.

    Nothing here looks at AuthenticationMethods, PermitRootLogin, the lists of users or the account's state: only at
    whether the method itself can succeed. The reason of a yes says by what.
    """

    def __init__(self, seen: Seen, people: People, files: Files, daemon: Daemon) -> None:
        self._seen = seen
        self._people = people
        self._files = files
        self._daemon = daemon

    def hostbased(self, person: Person, settings: Settings) -> Judgement:  # noqa: ARG002
        """Whether some other host can vouch for somebody as this account, where these settings hold."""
        if (off := _off(settings, "hostbasedauthentication", "HostbasedAuthentication")) is not None:
            return off
        return Judgement(Truth.UNKNOWN, "which hosts are trusted for this account is not judged by this version")

    def gssapi(self, person: Person, settings: Settings) -> Judgement:  # noqa: ARG002
        """Whether some ticket of Kerberos opens this account, where these settings hold."""
        if (off := _off(settings, "gssapiauthentication", "GSSAPIAuthentication")) is not None:
            return off
        return Judgement(Truth.UNKNOWN, "which tickets open this account is not judged by this version")


def _off(settings: Settings, keyword: str, name: str) -> Judgement | None:
    """Why the method is not there; None when it is on."""
    if settings.problems:
        return Judgement(Truth.UNKNOWN, f"the settings of sshd are not known: {settings.problems[0]}")
    match settings.flag(keyword):
        case True:
            return None
        case False:
            return Judgement(Truth.NO, f"{name} is no")
        case None:
            return Judgement(Truth.UNKNOWN, f"{name} is not known")
