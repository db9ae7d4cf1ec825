"""Passwords of many kinds, made from a seed: what people choose, what programs make, what only an attacker types."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

from zxcvbn.frequency_lists import FREQUENCY_LISTS

Maker = Callable[[random.Random], str]

SIGNS = "!?.#$*-_+@&%/,"
PRINTABLE = string.ascii_letters + string.digits + string.punctuation
ALNUM = string.ascii_letters + string.digits
L33T_SIGNS = "4@8({[<369!1|0$57+%2"
_SWAPS = str.maketrans("aeiostlgzbcx", "43!0$7|928(%")

SEASONS = ("Frühling", "Frühjahr", "Sommer", "Herbst", "Winter")
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August"),
    *("September", "Oktober", "November", "Dezember"),
)
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
GREETINGS = (
    *("Hallo", "Willkommen", "Servus", "Moin", "Tschüss", "Guten", "Morgen", "Feierabend", "Urlaub", "Wochenende"),
    *("Weihnachten", "Ostern", "Passwort", "Kennwort", "Geheim", "Start", "Neu", "Anmeldung", "Zugang", "Sonnenschein"),
)
INSURANCE = (
    *("Versicherung", "Krankenkasse", "Krankenversicherung", "Haftpflicht", "Rente", "Police", "Beitrag", "Leistung"),
    *("Gesundheit", "Pflege", "Vertrag", "Schaden", "Makler", "Vorsorge", "Kunde", "Mitglied", "Antrag", "Tarif"),
    *("Unfall", "Rechtsschutz", "Lebensversicherung", "Hausrat", "Kasko", "Prämie", "Vertrieb", "Abrechnung"),
)
TYPICAL_GERMAN = (*SEASONS, *MONTHS, *WEEKDAYS, *GREETINGS, *INSURANCE)
GERMAN = (
    *("Apfelbaum", "Bahnhof", "Brückenpfeiler", "Dachziegel", "Eichhörnchen", "Fahrradkette", "Fensterbank"),
    *("Gartenzaun", "Gewitter", "Handschuh", "Hausschlüssel", "Kaffeekanne", "Kartoffelsalat", "Kirschkuchen"),
    *("Leuchtturm", "Löwenzahn", "Marmelade", "Nachttisch", "Ofenrohr", "Papierkorb", "Quarkspeise", "Regenschirm"),
    *("Schmetterling", "Schraubenzieher", "Schulheft", "Steckdose", "Taschenlampe", "Teekessel", "Uhrwerk"),
    *("Vogelhaus", "Waldweg", "Wasserhahn", "Zahnbürste", "Ziegenkäse", "Zugspitze", "Übergang", "Öltank"),
)
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopü", "yxcvbnm", "!@#$%^&*()", "147258369")
_UNITS = ("ab", "abc", "xyz", "12", "123", "ha", "lol", "a1", "!?", "qwe", "Aa", "9")
_LETTERS = {
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВ",
    "accents": "äöüßéèêñçåøæœÄÖÜÉ",
    "greek": "αβγδεζηθικλμνξοπρσςτυφχψωΣ",
    "east": "日本語密码暗号パスワード한국",
    "odd": "İ\u0131\u017f\u212a\u212bﬀ²٣३\u0301\u200d\ud800",
}
_EMOJI = "😀😎🔒🔑👍🏽❤️🇩🇪✨"


def _word(rng: random.Random, *lists: str) -> str:
    words = FREQUENCY_LISTS[rng.choice(lists)]
    # the likelier, the oftener
    return str(words[int(len(words) * rng.random() ** 2)])


def _english(rng: random.Random) -> str:
    return _word(rng, "english_wikipedia", "us_tv_and_film")


def _name(rng: random.Random) -> str:
    return _word(rng, "male_names", "female_names", "surnames")


def _text(rng: random.Random, alphabet: str, least: int, most: int) -> str:
    return "".join(rng.choices(alphabet, k=rng.randint(least, most)))


def _mutated(rng: random.Random, word: str) -> str:
    word = rng.choice((str, str.capitalize, str.capitalize, str.upper, str.swapcase))(word)
    if rng.random() < 0.3:
        word = word.translate(_SWAPS)
    if rng.random() < 0.1:
        word = word[::-1]
    return rng.choice(("", "", "", "!", "1")) + word + rng.choice(("", *map(_tail, [rng] * 5)))


def _tail(rng: random.Random) -> str:
    year = str(rng.randint(1950, 2026))
    number = str(rng.choice((1, 12, 123, 1234, rng.randrange(10), rng.randrange(100), rng.randrange(10_000))))
    return rng.choice((year, year[2:], number, "")) + rng.choice(("", "", rng.choice(SIGNS), rng.choice(SIGNS) * 2))


def typical_german(rng: random.Random) -> str:
    """A season, month, weekday, greeting or word of insurance, with a year or number, with a sign."""
    word = rng.choice(TYPICAL_GERMAN)
    if rng.random() < 0.4:
        word = word.replace("ü", "ue").replace("ä", "ae").replace("ß", "ss")
    word = rng.choice((word, word, word, word.lower(), word.upper()))
    year = rng.choice(("2020", "2021", "2022", "2023", "2024", "2025", "2026", "22", "23", "24", "25"))
    number = rng.choice((year, year, year, "1", "12", "123", "01", str(rng.randrange(100))))
    sign = rng.choice(("", "!", "!", "?", "#", "*", ".", "!!", "$", "-"))
    return rng.choice((word + number + sign, word + number + sign, word + sign + number, sign + word + number))


def _walk(rng: random.Random) -> str:
    text = ""
    for _ in range(rng.randint(1, 3)):
        row = rng.choice(_ROWS)
        start = rng.randrange(len(row) - 3)
        piece = row[start : start + rng.randint(3, 8)]
        text += rng.choice((piece, piece[::-1], piece.upper()))
    return text


def _columns(rng: random.Random) -> str:
    columns = (
        "1qay",
        "2wsx",
        "3edc",
        "4rfv",
        "5tgb",
        "1qaz",
        "zaq1",
        "!QAZ",
        "@WSX",
        "xsw2",
        "qwe",
        "asd",
        "yxc",
        "789",
    )
    return "".join(rng.choices(columns, k=rng.randint(2, 4)))


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1900, 2050)
    sign = rng.choice(("", "", ".", "-", "/", "_", " "))
    parts = rng.choice(((f"{day:02}", f"{month:02}", str(year)), (str(day), str(month), f"{year % 100:02}")))
    date = sign.join(rng.choice((parts, parts[::-1])))
    return rng.choice((date, date, _name(rng) + date, date + _text(rng, ALNUM, 1, 4)))


def _phrase(rng: random.Random) -> str:
    sign = rng.choice(("", " ", "-", ".", "_", "1"))
    words = [rng.choice((_english(rng), _english(rng), rng.choice(GERMAN))) for _ in range(rng.randint(2, 6))]
    return sign.join(map(rng.choice((str, str.capitalize)), words))


def _repeats(rng: random.Random) -> str:
    unit = rng.choice((rng.choice(_UNITS), rng.choice(PRINTABLE), _english(rng)))
    text = unit * rng.randint(2, 8)
    return rng.choice((text, text + _text(rng, ALNUM, 1, 3), text * 2 + _tail(rng), _english(rng) + text))


def _l33t(rng: random.Random) -> str:
    word = (_english(rng) + rng.choice(("", _name(rng)))).translate(_SWAPS)
    return rng.choice(
        (word, word + _tail(rng), _text(rng, L33T_SIGNS, 1, 9), _text(rng, "password" + L33T_SIGNS, 6, 14))
    )


def _any_script(rng: random.Random) -> str:
    text = _text(rng, _LETTERS[rng.choice(sorted(_LETTERS))], 1, 10)
    return rng.choice((text, text + _english(rng), _english(rng).capitalize() + text + _tail(rng), text * 2))


def _emoji(rng: random.Random) -> str:
    return _text(rng, _EMOJI, 1, 4) + rng.choice(("", _english(rng), _text(rng, PRINTABLE, 1, 8), _tail(rng)))


def _sequence(rng: random.Random) -> str:
    start, step = rng.randrange(33, 110), rng.choice((1, 1, 1, -1, 2, 3, -2, 5))
    text = "".join(chr(start + step * at) for at in range(rng.randint(3, 9)) if 33 <= start + step * at < 127)
    return rng.choice((text, text + _tail(rng), _english(rng) + text))


def _account(rng: random.Random) -> str:
    host = rng.choice(("web", "db", "app", "vpn", "mail", "svc_", "root@")) + _text(rng, "0123456789", 0, 2)
    person = rng.choice((_name(rng) + "." + _name(rng), _name(rng)[0] + _name(rng)))
    return rng.choice((host, person, host + "-" + person)) + _tail(rng)


KINDS: dict[str, Maker] = {
    "common": lambda rng: _word(rng, "passwords"),
    "common, mutated": lambda rng: _mutated(rng, _word(rng, "passwords")),
    "English, mutated": lambda rng: _mutated(rng, _english(rng)),
    "German, mutated": lambda rng: _mutated(rng, rng.choice((*GERMAN, *TYPICAL_GERMAN))),
    "names, mutated": lambda rng: _mutated(rng, _name(rng)),
    "German, typical": typical_german,
    "English seasons": lambda rng: rng.choice(("Spring", "Summer", "autumn", "Winter", "March", "friday")) + _tail(rng),
    "rows of keys": _walk,
    "columns of keys": _columns,
    "dates": _date,
    "digits": lambda rng: _text(rng, string.digits, 4, 16),
    "random, printable": lambda rng: _text(rng, PRINTABLE, 6, 20),
    "random, letters and digits": lambda rng: _text(rng, ALNUM, 6, 16),
    "random, long": lambda rng: _text(rng, rng.choice((PRINTABLE, ALNUM)), 21, 140),
    "phrases": _phrase,
    "repeats": _repeats,
    "l33t": _l33t,
    "any script": _any_script,
    "emoji": _emoji,
    "sequences": _sequence,
    "accounts and hosts": _account,
    "two words": lambda rng: _mutated(rng, _english(rng) + rng.choice(("", "_", "&")) + _name(rng)),
}


def varied(seed: int, count: int, longest: int = 250) -> list[str]:
    """So many distinct passwords, the kinds by turns, none empty."""
    return list(with_kinds(seed, count, longest))


def with_kinds(seed: int, count: int, longest: int = 250) -> dict[str, str]:
    """So many distinct passwords, the kinds by turns, none empty, each with the name of its kind."""
    rng = random.Random(seed)
    makers = list(KINDS.items())
    made: dict[str, str] = {}
    turn = 0
    while len(made) < count:
        kind, maker = makers[turn % len(makers)]
        password = maker(rng)
        turn += 1
        if 0 < len(password) <= longest:
            made.setdefault(password, kind)
    return made


def of_every_length(seed: int) -> list[str]:
    """Of each length from 1 to 250 characters two random ones and two of words, with few l33t signs."""
    rng = random.Random(seed)
    made: dict[str, None] = {}
    for length in [*range(1, 251)] * 2:
        made[_text(rng, string.ascii_letters + "".join(rng.sample(L33T_SIGNS, 2)), length, length)] = None
        words = _english(rng)
        while len(words) < length:
            words += rng.choice("-_ .0") + rng.choice((str, str.capitalize))(rng.choice((_english, _name))(rng))
        made[words[:length]] = None
    return list(made)


def of_kind(kind: str, seed: int, count: int) -> list[str]:
    rng = random.Random(seed)
    return [KINDS[kind](rng) for _ in range(count)]
