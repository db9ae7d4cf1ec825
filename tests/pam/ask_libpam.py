"""The host's own libpam, asked about stacks in a folder of ours: a process of its own, since modules may crash it.

Reads a JSON object per line, `folder service user stage rhost`, and prints what pam_acct_mgmt or pam_authenticate
returned, or the negative code of pam_start. Nobody answers prompts.
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
    talk = Conversation(CONVERSATION(lambda *_: PAM_CONV_ERR), None)
    for line in sys.stdin:
        question = {name: text.encode() for name, text in json.loads(line).items()}
        handle = ctypes.c_void_p()
        started = libpam.pam_start_confdir(
            question["service"], question["user"], ctypes.byref(talk), question["folder"], ctypes.byref(handle)
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
