"""Names, addresses, ports and users as an inventory writes them, checked before anything dials them."""

from __future__ import annotations

import ipaddress

NAME_MAX = 255
_LABEL_MAX = 63  # RFC 1035 section 2.3.4
_HOSTNAME_MAX = 253
_LABEL_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_DIGITS = frozenset("0123456789")


def show(text: str) -> str:
    """The text quoted for a message: control characters escaped, at most 60 characters."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def parse_login(text: str) -> tuple[str | None, str, int | None]:
    """User, address and port of `[user@]host[:port]`; ValueError says what to write instead."""
    user, at, rest = text.rpartition("@")
    host, port = parse_endpoint(rest)
    return (check_user(user) if at else None), host, port


def parse_endpoint(text: str) -> tuple[str, int | None]:
    """Address and port of `host[:port]`, an IPv6 address in brackets; ValueError says what to write instead."""
    host, port = split_port(text)
    return check_address(host), (None if port is None else check_port(port))


def split_port(text: str) -> tuple[str, str | None]:
    """`host` and `port` of `host`, `host:port`, `[v6]` or `[v6]:port`, not checked further."""
    if "://" in text:
        raise ValueError(f"{show(text)} is a URL; write host:port")
    if text.startswith("["):
        inside, bracket, tail = text[1:].partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            raise ValueError(f"{show(text)} is not an address in brackets; write it like [2001:db8::1]:22")
        if not is_ip(inside) or ":" not in inside:
            raise ValueError(f"{show(inside)} in brackets is no IPv6 address; write it like [2001:db8::1]")
        return inside, tail[1:] if tail else None
    if text.count(":") > 1:
        raise ValueError(f"{show(text)} has several colons; write an IPv6 address in brackets, like [2001:db8::1]:22")
    host, colon, port = text.partition(":")
    return host, port if colon else None


def is_ip(text: str) -> bool:
    """Is this an IPv4 or IPv6 address, without brackets?"""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def check_address(text: str) -> str:
    """The address or host name in the one form that is compared and dialled: IP addresses canonical."""
    if is_ip(text):
        return str(ipaddress.ip_address(text))
    if not text:
        raise ValueError("the host is missing; write [user@]host[:port]")
    if not text.isascii():
        raise ValueError(f"{show(text)} is not ASCII; write the name's xn-- form, or its IP address")
    labels = text.removesuffix(".").split(".")
    if len(text) > _HOSTNAME_MAX or not all(_is_label(label) for label in labels):
        raise ValueError(f"{show(text)} is not a host name; expected letters, digits, dots and hyphens")
    # inet_aton(3) reads `10.1`, `010.0.0.1` and `0x7f.1` as addresses: not the host that a reader takes them for
    if set(labels[-1]) <= _DIGITS or labels[-1][:2].lower() == "0x":
        raise ValueError(f"{show(text)} is no IP address; write all four numbers, without leading zeros")
    return text


def check_port(text: str) -> int:
    """A TCP port, 1 to 65535."""
    if not text or len(text) > 5 or not set(text) <= _DIGITS or not 1 <= int(text) <= 65535:
        raise ValueError(f"port {show(text)} is not a number from 1 to 65535")
    return int(text)


def check_user(text: str) -> str:
    """A login name. The message does not repeat it: `user:password@host` would show the password."""
    if not text or text.startswith("-") or len(text) > NAME_MAX or not is_word(text) or set(text) & set(":/@"):
        raise ValueError(
            "the user name before @ is empty or holds `:`, `/`, a blank or a leading hyphen; write user@host"
        )
    return text


def check_name(text: str) -> str:
    """A host's name in the tables: one printable word."""
    if not text or text.startswith("-") or len(text) > NAME_MAX or not is_word(text) or "/" in text:
        raise ValueError(f"host name {show(text)} is empty, too long, or holds a blank, `/` or a leading hyphen")
    return text


def check_label(text: str, what: str) -> str:
    """A tenant or a tag: printable, without a comma, which --limit takes as the end of a pattern."""
    if not text or len(text) > NAME_MAX or not text.isprintable() or "," in text or text != text.strip():
        raise ValueError(f"{what} {show(text)} is empty, too long, or holds a comma or control character")
    return text


def is_word(text: str) -> bool:
    """Printable and without blanks of any alphabet."""
    return text.isprintable() and not any(character.isspace() for character in text)


def _is_label(label: str) -> bool:
    return 0 < len(label) <= _LABEL_MAX and not label.startswith("-") and set(label) <= _LABEL_CHARACTERS
