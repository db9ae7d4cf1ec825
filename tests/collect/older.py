"""The collector as it was before it made digests of hashes."""

from __future__ import annotations

from hygiene.collect import script


def without_digests() -> str:
    """This version's text, but with the nonce as its one line, and without a word of keys."""
    text = script.text().decode()
    begin = text.index("    case ${hyg_line#': '} in\n      K*")
    end = text.index("    esac\n  done\n}", begin)
    text = text[:begin] + '    case $hyg_line in\n      *"$hyg_end"*) break ;;\n' + text[end:]
    parse = text[text.index("    case $hyg_nonce:$hyg_line in") :].partition("\n")[0]
    return text.replace(parse, "").replace("hyg_k=${hyg_key-}", "hyg_k=")
