"""The host's own libpam, asked about stacks in a folder of ours: a process of its own, since modules may crash it.

Reads a JSON object per line, `folder service user stage rhost answer`, and prints what pam_acct_mgmt or
pam_authenticate returned, or the negative code of pam_start. Every prompt gets the answer; an empty one fails. With
`script` each prompt gets its own answer, and all behind the last one none; with `hidden` prompts that show what is
typed get none. Behind the code stands how many prompts there were, those without an answer too. `restore` maps files to
others, which they are copied over before.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import sys
from typing import Any

PAM_TTY, PAM_RHOST = 3, 4  # security/_pam_types.h
PAM_CONV_ERR = 19
PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON = 1, 2
CONVERSATION = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class Conversation(ctypes.Structure):
    _fields_ = (("talk", CONVERSATION), ("data", ctypes.c_void_p))


class Message(ctypes.Structure):
    _fields_ = (("style", ctypes.c_int), ("text", ctypes.c_char_p))


class Response(ctypes.Structure):
    _fields_ = (("text", ctypes.c_void_p), ("code", ctypes.c_int))


class Talker:
    """The conversation of an application."""

    def __init__(self) -> None:
        self.asked = 0
        self._question: dict[str, Any] = {}
        self._libc = ctypes.CDLL(None)
        self._libc.calloc.restype = self._libc.strdup.restype = ctypes.c_void_p
        self.conversation = Conversation(CONVERSATION(self._talk), None)

    def take(self, question: dict[str, Any]) -> None:
        self.asked, self._question = 0, question

    def _talk(self, count: int, prompts: int, responses: int, _data: int) -> int:
        block = self._libc.calloc(count, ctypes.sizeof(Response))
        pointers = (ctypes.POINTER(Message) * count).from_address(prompts)
        for pointer, response in zip(pointers, (Response * count).from_address(block), strict=True):
            answer = self._answer(pointer.contents.style)
            if answer is None:
                return PAM_CONV_ERR
            response.text = self._libc.strdup(answer.encode())  # libpam frees it
        ctypes.c_void_p.from_address(responses).value = block
        return 0

    def _answer(self, style: int) -> str | None:
        if style not in (PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON):
            return ""
        self.asked += 1
        script = self._question.get("script")
        if script is not None:
            return script[self.asked - 1] if self.asked <= len(script) else None
        if self._question.get("hidden") and style == PAM_PROMPT_ECHO_ON:
            return None
        return self._question["answer"] or None


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


def say(code: int, asked: int = 0) -> None:
    sys.stdout.write(f"{code} {asked}\n")
    sys.stdout.flush()


def main() -> None:
    libpam = library()
    talker = Talker()
    for line in sys.stdin:
        told = json.loads(line)
        talker.take(told)
        for copied, over in told.get("restore", {}).items():
            shutil.copyfile(copied, over)  # the owner and the mode stay
        question = {name: text.encode() for name, text in told.items() if isinstance(text, str)}
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
        say(code, talker.asked)


if __name__ == "__main__":
    main()
