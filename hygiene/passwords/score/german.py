"""The habit that plain zxcvbn takes for strong: a season, month, weekday, greeting or office word, then year and sign.

zxcvbn knows few German words: it gives `Krankenkasse2023` the highest score. This is a small rule with its own word
list, and it can only lower a score.
"""

from __future__ import annotations

HABIT_SCORE = 1
_DIGITS_AND_SIGNS = 12

_FOLD = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_UNLEET = str.maketrans({"4": "a", "@": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"})

_WORDS = frozenset(
    word.casefold().translate(_FOLD)
    for line in (
        "Frühling Frühjahr Sommer Herbst Winter Spring Summer Autumn",
        "Januar Jänner Februar März April Mai Juni Juli August September Oktober November Dezember",
        "January February March May June July October December",
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonnabend Sonntag",
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "Passwort Kennwort Password Geheim Geheimnis Sicher Sicherheit Secret Zugang Anmeldung Login Welcome",
        "Hallo Hello Willkommen Moin Servus Start Initial Neu Wechsel Ändern Changeme Urlaub Ferien Feierabend",
        "Weihnachten Ostern Fasching Karneval Silvester Neujahr Fussball Bundesliga Deutschland",
        "Krankenkasse Versicherung Gesundheit Pflege Praxis Klinik Krankenhaus Apotheke Büro Buchhaltung Verwaltung",
        "Vertrieb Einkauf Personal Lager Werkstatt Support Service Kunde Firma Server Rechner Computer Drucker",
        "Test Demo Muster Beispiel Admin Administrator Benutzer User Gast Master Backup Router Internet System",
        "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Dortmund Essen Leipzig Bremen Dresden Hannover",
        "Nürnberg Wien Zürich Schatz Liebe Sonne Qwertz Asdf",
    )
    for word in line.split()
)


def is_habit(password: str) -> bool:
    """Whether it is one such word with at most 12 digits and signs before and after it, l33t inside allowed."""
    text = password.casefold().translate(_FOLD)
    if len(text) > 40:
        return False
    letters = [index for index, character in enumerate(text) if character.isalpha()]
    if not letters or len(text) - (letters[-1] + 1 - letters[0]) > _DIGITS_AND_SIGNS:
        return False
    return text[letters[0] : letters[-1] + 1].translate(_UNLEET) in _WORDS
