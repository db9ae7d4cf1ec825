"""The host's own libpam, asked about stacks in a folder of ours: a process of its own, since modules may crash it.

Reads a JSON object per line, `folder service user stage rhost answer`, and prints what pam_acct_mgmt or
pam_authenticate returned, or the negative code of pam_start. Every prompt gets the answer; an empty one fails.
"""

from __future__ import annotations

import ctypes
import json
import sys

PAM_TTY, PAM_RHOST = 3, 4  # security/_pam_types.h
PAM_CONV_ERR = 19
CONVERSATION = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = (("talk", CONVERSATION), ("data", ctypes.c_void_p))


class Response(ctypes.Structure):
    _fields_ = (("text", ctypes.c_void_p), ("code", ctypes.c_int))


class Talker:
    """The conversation of an application that says the same to everything."""

    def __init__(self) -> None:
        self.answer = b""
        self._libc = ctypes.CDLL(None)
        self._libc.calloc.restype = self._libc.strdup.restype = ctypes.c_void_p
        self.conversation = Conversation(CONVERSATION(self._talk), None)

    def _talk(self, count: int, _prompts: int, responses: int, _data: int) -> int:
        if not self.answer:
            return PAM_CONV_ERR
        block = self._libc.calloc(count, ctypes.sizeof(Response))
        for response in (Response * count).from_address(block):
            response.text = self._libc.strdup(self.answer)  # libpam frees it
        ctypes.c_void_p.from_address(responses).value = block
        return 0


def library() -> ctypes.CDLL:
    """libpam since 1.4, which takes another folder than /etc/pam.d; OSError or AttributeError where there is none."""
    libpam = ctypes.CDLL("libpam.so.0")
    libpam.pam_start_confdir.argtypes = [
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.POINTER(Conversation),
        ctypes.c_char_p,
        ctypes.POINTER(ctypes.c_void_p),
    ]
    libpam.pam_set_item.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p]
    for name in ("pam_acct_mgmt", "pam_authenticate", "pam_end"):
        getattr(libpam, name).argtypes = [ctypes.c_void_p, ctypes.c_int]
    return libpam


def say(code: int) -> None:
    sys.stdout.write(f"{code}\n")
    sys.stdout.flush()


def main() -> None:
    libpam = library()
    talker = Talker()
    for line in sys.stdin:
        question = {name: text.encode() for name, text in json.loads(line).items()}
        talker.answer = question["answer"]
        handle = ctypes.c_void_p()
        started = libpam.pam_start_confdir(
            question["service"],
            question["user"],
            ctypes.byref(talker.conversation),
            question["folder"],
            ctypes.byref(handle),
        )
        if started != 0:
            say(-started)
            continue
        libpam.pam_set_item(handle, PAM_TTY, b"ssh")
        if question["rhost"]:
            libpam.pam_set_item(handle, PAM_RHOST, question["rhost"])
        ask = libpam.pam_acct_mgmt if question["stage"] == b"account" else libpam.pam_authenticate
        code = ask(handle, 0)
        libpam.pam_end(handle, code)
        say(code)


if __name__ == "__main__":
    main()
