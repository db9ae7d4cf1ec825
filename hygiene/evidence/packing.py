"""Evidence and manifests as JSON, for the heads of records: written as they are, read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from hygiene.model import AfterKey, Answers, Evidence, KeyAnswer, Login, ScanInfo, Status, Target

_KEY_NAME = re.compile("[0-9a-f]{16}")
Json = Mapping[str, object]


def from_evidence(evidence: Evidence) -> Json:
    """The head of a host's record: all but the stream and the owners file."""
    login = evidence.login
    return {
        "type": "host",
        "scan": evidence.scan,
        "target": _from_target(evidence.target),
        "status": evidence.status.value,
        "stage": evidence.stage,
        "reason": evidence.reason,
        "started_at": evidence.started_at.isoformat(),
        "finished_at": evidence.finished_at.isoformat(),
        "nonce": evidence.nonce,
        "login": None if login is None else {"user": login.user, "fingerprint": login.fingerprint},
        "server_version": evidence.server_version,
        "host_key": evidence.host_key,
        "offline": evidence.offline,
        "sshd_version": evidence.sshd_version,
        "owners_bytes": len(evidence.owners),
        "answers": None if evidence.answers is None else _from_answers(evidence.answers),
        "digest_key": evidence.digest_key,
    }


def to_evidence(head: Json, body: bytes) -> Evidence:
    """The evidence in a record; ValueError says what is not as it should be."""
    login = _get(head, "login")
    owners_bytes = _whole(head, "owners_bytes")
    if owners_bytes > len(body):
        raise ValueError("owners_bytes is more than there is")
    return Evidence(
        scan=_text(head, "scan"),
        target=_to_target(_object(_get(head, "target"))),
        status=Status(_text(head, "status")),
        stage=_text(head, "stage"),
        reason=_text(head, "reason"),
        started_at=_time(head, "started_at"),
        finished_at=_time(head, "finished_at"),
        nonce=_text(head, "nonce"),
        login=None if login is None else _to_login(_object(login)),
        server_version=_text_or_none(head, "server_version"),
        host_key=_text_or_none(head, "host_key"),
        offline=_get(head, "offline") is True,
        sshd_version=_text_or_none(head, "sshd_version"),
        owners=body[:owners_bytes],
        stream=body[owners_bytes:],
        answers=_answers(head),
        digest_key=_digest_key(head),
    )


def from_scan(scan: ScanInfo) -> Json:
    """The manifest of a scan."""
    return {
        "type": "scan",
        "id": scan.id,
        "started_at": scan.started_at.isoformat(),
        "targets_digest": scan.targets_digest,
        "targets": [_from_target(target) for target in scan.targets],
        "excluded": list(scan.excluded),
        "tool": scan.tool,
    }


def to_scan(head: Json) -> ScanInfo:
    """The manifest in a JSON object; ValueError says what is not as it should be."""
    return ScanInfo(
        id=_text(head, "id"),
        started_at=_time(head, "started_at"),
        targets_digest=_text(head, "targets_digest"),
        targets=tuple(_to_target(_object(target)) for target in _list(head, "targets")),
        excluded=_texts(head, "excluded"),
        tool=_text(head, "tool"),
    )


def summary(head: Json) -> tuple[str, str, Status, datetime, datetime, datetime | None]:
    """Host, scan, status, started_at, finished_at and asked_at of a host's record; ValueError as above."""
    answers = _answers(head)
    return (
        _text(_object(_get(head, "target")), "host"),
        _text(head, "scan"),
        Status(_text(head, "status")),
        _time(head, "started_at"),
        _time(head, "finished_at"),
        None if answers is None else answers.asked_at,
    )


def _from_answers(answers: Answers) -> Json:
    return {
        "asked_at": answers.asked_at.isoformat(),
        "user": answers.user,
        "methods": None if answers.methods is None else list(answers.methods),
        "keys": dict(answers.keys),
        "entered": answers.entered,
        "problem": answers.problem,
        "signed": None if answers.signed is None else _from_key_answer(answers.signed),
    }


def _from_key_answer(answer: KeyAnswer) -> Json:
    return {"fingerprint": answer.fingerprint, "became": answer.became.value, "methods": list(answer.methods)}


def _answers(head: Json) -> Answers | None:
    """What a host answered; records that were written before hosts could be asked do not speak of it."""
    if head.get("answers") is None:
        return None
    data = _object(head["answers"])
    keys = _object(_get(data, "keys"))
    if not all(isinstance(accepted, bool) for accepted in keys.values()):
        raise ValueError("keys holds something that is neither yes nor no")
    return Answers(
        asked_at=_time(data, "asked_at"),
        user=_text_or_none(data, "user"),
        methods=None if _get(data, "methods") is None else _texts(data, "methods"),
        keys=tuple((fingerprint, accepted is True) for fingerprint, accepted in keys.items()),
        entered=_get(data, "entered") is True,
        problem=_text(data, "problem"),
        signed=_key_answer(data),
    )


def _key_answer(data: Json) -> KeyAnswer | None:
    """What became of our own key; older records do not speak of it."""
    if data.get("signed") is None:
        return None
    signed = _object(data["signed"])
    return KeyAnswer(_text(signed, "fingerprint"), AfterKey(_text(signed, "became")), _texts(signed, "methods"))


def _digest_key(head: Json) -> str | None:
    """The name of the key for digests; records that were written before digests were made do not speak of it."""
    if head.get("digest_key") is None:
        return None
    name = _text(head, "digest_key")
    if not _KEY_NAME.fullmatch(name):
        raise ValueError("digest_key names no key")
    return name


def _from_target(target: Target) -> Json:
    return {
        "host": target.host,
        "address": target.address,
        "port": target.port,
        "user": target.user,
        "tenant": target.tenant,
        "tags": list(target.tags),
        "place": target.place,
    }


def _to_target(data: Json) -> Target:
    return Target(
        host=_text(data, "host"),
        address=_text(data, "address"),
        port=_whole(data, "port"),
        user=_text_or_none(data, "user"),
        tenant=_text_or_none(data, "tenant"),
        tags=_texts(data, "tags"),
        place=_text(data, "place"),
    )


def _to_login(data: Json) -> Login:
    return Login(_text(data, "user"), _text_or_none(data, "fingerprint"))


def _get(data: Json, name: str) -> object:
    if name not in data:
        raise ValueError(f"{name} is missing")
    return data[name]


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise ValueError("an object was expected")
    return value


def _list(data: Json, name: str) -> list[object]:
    value = _get(data, name)
    if not isinstance(value, list):
        raise ValueError(f"{name} is no list")
    return value


def _text(data: Json, name: str) -> str:
    value = _get(data, name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    return value


def _text_or_none(data: Json, name: str) -> str | None:
    return None if _get(data, name) is None else _text(data, name)


def _texts(data: Json, name: str) -> tuple[str, ...]:
    values = _list(data, name)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} holds something that is no text")
    return tuple(str(value) for value in values)


def _whole(data: Json, name: str) -> int:
    value = _get(data, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is no number")
    return value


def _time(data: Json, name: str) -> datetime:
    time = datetime.fromisoformat(_text(data, name))
    if time.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return time
