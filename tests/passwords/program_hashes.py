# ruff: noqa: E501  a hash is one word
"""Hashes of two made-up passwords, as programs and libraries wrote them: the scheme, the cost, the hash."""

from __future__ import annotations

ONE, TWO = "Sommerwind-7", "Grüße an 42"
HASHCAT = "hashcat"  # the password of the examples that its project publishes

# by program: scheme and cost as the tables name them, the password, the hash
# fmt: off
HASHES: dict[str, list[tuple[str, str | None, str, str]]] = {
    # mkpasswd of whois 5.5.17
    "mkpasswd": [
        ("yescrypt", "j75", ONE, "$y$j75$XoaL69hRfvMLoDH1DjKDe/$6RZwRRcBt.bAqtjJTuBuO1/hHqtLYlyWrnLzUznHGN2"),
        ("gost-yescrypt", "j75", ONE, "$gy$j75$llSWZFV59sZ8PLb5oNOl4.$9CLjxOVlj2HzQ.0wohGexdbFc3Ou3NbX5gqrkVPWGt7"),
        ("scrypt", "N=2^13;r=32;p=1", ONE, "$7$BU..../....SaMHCyxEwlxLUgQgC3UwP1$OdToW5YWrb4KgCcIrywa//cMxmcB7uinRXRmYDJiwhC"),
        ("bcrypt", "05", ONE, "$2b$05$3r4CbkO8fjPi2Y0E.MeaI.Vv9WTwSMEie4AdUZOzq/xmuWfY8mK7e"),
        ("bcrypt", "05", ONE, "$2a$05$KqcxGLKg2JufEf56lXTnQua.Rh5cCzcIMnCnCPD60xBzMz166aRhi"),
        ("sha512crypt", "rounds=1000", ONE, "$6$rounds=1000$FQcmX/jrROS8tdv7$7n7V1IokKxAsHUHvjqOpt.LGtyhaPfhBsZ2WwWYaWmk3Sa7KMJuVCz.QkgfaUn/wg9ApW08FksbRsRJsSv/ae1"),
        ("sha256crypt", "rounds=1000", ONE, "$5$rounds=1000$rNbAV7s/CBFRTFR6$UtF4kEVkCZe3xeORw4J4BkzC4FM9llmtjRPWhoyglt."),
        ("md5", None, ONE, "$1$dYZ9pSeW$9UmP97ciCXAKecmW7aJE5/"),
        ("md5", None, TWO, "$1$7CwQ5pAO$Tx6vMF6pZxRnei/BQQUlz/"),
        ("bsdi", "rounds=5", ONE, "_3...IkanzX4Ee.ya5uc"),
        ("nt", None, ONE, "$3$$f7b903273d60ada94f6471fa5fff4194"),
    ],
    # htpasswd of apache2 2.4.71
    "htpasswd": [
        ("apr1", None, ONE, "$apr1$Gyxm8Jff$RmHz3Xn/h7MwFWotZ09ak0"),
        ("bcrypt", "05", ONE, "$2y$05$QhwFOp7Xr1L3WLqn6OrsFeqzBpWz2SpmorIqKLQUXXWWSvOPsGFAi"),
        ("sha256crypt", None, ONE, "$5$5f4W2B3LfXAjYyKy$bXQYYWOlnOBj7qpbZhlEW2lCV5og97AAQ31wZgWYHP/"),
        ("sha512crypt", None, ONE, "$6$IyvF519IjdXfEu8U$kbZc989UUPxipRLcacD4HFp8S4z1kecTglv2yqntNlFFQC5FsPvw3rkocRsp28eXzNkz9Xw28Ax0V89yUiQPe/"),
        ("sha1", None, ONE, "{SHA}70VqfBYtVSiMGc39Qj4uCEHHtWM="),
        ("des", None, ONE, "YOSlL1Vc87P7."),
    ],
    # openssl passwd
    "openssl": [
        ("md5", None, TWO, "$1$amHhAJR8$eKVnzoMN8Exy16srPoIIj."),
        ("apr1", None, TWO, "$apr1$hWNR1dwn$7qiVWl77rufH4h4v/LKDx0"),
        ("sha256crypt", None, TWO, "$5$oSyxhjMz87j9BMaK$xLtHxqUYU1UXfcMPYtXvq/bEmTDUaDgm9McPTWKCyG/"),
        ("sha512crypt", None, TWO, "$6$PP8pOHZBhrHXs3qh$v8TTfbw8eh48H6f/gouH1fInyjmC/BVDqiTW3F0xiYKMANYmTedTojvYjwLbOS2uLQzlFCUHkBNiMzgXA/5//0"),
    ],
    # argon2 of libargon2 20171227
    "argon2": [
        ("argon2", "m=64;t=2;p=2", TWO, "$argon2i$v=16$m=64,t=2,p=2$c2FsdHNhbHQ$TETYVOjit+TffAkEDEoBsx+EygC4hhg3v4dWG9BQvUc"),
        ("argon2", "m=64;t=2;p=2", TWO, "$argon2i$v=19$m=64,t=2,p=2$c2FsdHNhbHQ$/83Ydxu22hR6B/t67hJxjIEJk+5Hzb7wqPw7wjAcxVQ"),
        ("argon2", "m=64;t=2;p=2", TWO, "$argon2d$v=16$m=64,t=2,p=2$c2FsdHNhbHQ$GmeBEnNGNRtRqtNFMtoa7/esiSgUTK3U6rrHu77dYCs"),
        ("argon2", "m=64;t=2;p=2", TWO, "$argon2d$v=19$m=64,t=2,p=2$c2FsdHNhbHQ$BRj9L1fMSBne8xzO0ckePTeQzI/n2FSfbcnuXz7Ch28"),
        ("argon2", "m=64;t=2;p=2", TWO, "$argon2id$v=16$m=64,t=2,p=2$c2FsdHNhbHQ$pmvqPlbOaeUqG+QSqtwdfw6mfA8pbHi2xKuTOnRGKEk"),
        ("argon2", "m=64;t=2;p=2", TWO, "$argon2id$v=19$m=64,t=2,p=2$c2FsdHNhbHQ$ipQS2Ce1wWWkden6HAp043U7AVYieXt4Ml354ErNo7o"),
    ],
    # doveadm pw of Dovecot 2.3.19
    "doveadm": [
        ("bcrypt", "05", ONE, "{BLF-CRYPT}$2y$05$3YvD4y7hieP1Pee481aoxOWlHXItM8PSE/og/Q0eMsZPSPN7oSK2i"),
        ("sha512crypt", None, ONE, "{SHA512-CRYPT}$6$yxBn9uMVj/AV5qiF$h6TWME0z1jQo/ESq/OWh70q0kbeZidnDyPU2YGJFTu5vkGyKwuLZ81RFH1D3hbRDT/cineXW3mR4DcWp1jIX60"),
        ("md5", None, ONE, "{MD5-CRYPT}$1$bsTSvNF6$f1iF4X/KakG79aOOdaN1k."),
        ("salted-sha1", None, ONE, "{SSHA}OoFAJdgEOdGbcjb8P1LhCX41bsUUhwI/"),
        ("salted-sha2", None, ONE, "{SSHA256}51TsP1brejIK5JNx9+LJhFDKI8g+J9ddc8MMdxuX0saglXAz"),
        ("salted-sha2", None, ONE, "{SSHA512}fDufchU8RE3Nc62DSVMUtvWCypZn0izGfOs7lQItKJbKGkHqV4a61Eagfj8YsZq0KWZNDLUqgOEyp3UKWCz7XKoGXwU="),
        ("sha1", None, ONE, "{SHA}70VqfBYtVSiMGc39Qj4uCEHHtWM="),
        ("sha2", None, ONE, "{SHA256}d9Np1mvBKscRpzvdztpk/4EG9yCwCIhYbg6XOHBqXf8="),
        ("salted-md5", None, ONE, "{SMD5}K61PTAWNlbPHqaMEeM9RjPQrtgg="),
        ("other", None, ONE, "{PLAIN-MD5}ffe43dab20c2b3fee6f1a0a8dc4f2f9a"),
        ("other", None, ONE, "{LDAP-MD5}/+Q9qyDCs/7m8aCo3E8vmg=="),
        ("other", None, ONE, "{SCRAM-SHA-1}4096,yU3RJ+If4bxIhCouZAdsMQ==,AJSc8j9Jnw4JyOXJvUVYyqdeoeY=,3PV47IdZBHhKF5npPqOQCNcsrL4="),
        ("other", None, ONE, "{SCRAM-SHA-256}4096,WYmUWVnSErxMdtuuLxwOIA==,9G3C5PyiB8dapDHCNRKq8ZTqFRbDwy3WeFSYftULkCU=,RyEqbYw5kEWZUjHBvm4E/6Yv33G9yGPKJ08R7uHuFqg="),
        ("pbkdf2", "rounds=5000", ONE, "{PBKDF2}$1$qN8lVbqQXpf.8zIw$5000$a96b1947b54bddadc483da70b0ac777d35a5e1a6"),
        ("bcrypt", "05", ONE, "{CRYPT}$2y$05$ieBds/UPlPW2ytlOR4P5ae1n3l11ICN8Vo6uGUexvDqrN2.oBWIAq"),
    ],
    # slappasswd of OpenLDAP 2.5.13, with pw-pbkdf2, pw-sha2 and argon2
    "slappasswd": [
        ("salted-sha1", None, TWO, "{SSHA}E3zk5qZ3OeUazoDuwyZ80Ckqn8unzLsy"),
        ("salted-md5", None, TWO, "{SMD5}Pb2QrXbfLf2w2gvEdA1iwa7l+xc="),
        ("sha1", None, TWO, "{SHA}vMk4xJMo/biZH4zVVX+yLE/WAJ8="),
        ("plain-md5", None, TWO, "{MD5}zmBTHw7Hj8wkwrOqqlQHhg=="),
        ("other", None, TWO, "{CRYPT}ODhtk7fSVo9W6o6BFYXZ0f/M"),
        ("pbkdf2", "rounds=10000", TWO, "{PBKDF2}10000$E5eDFbGdB1f64DCPsisfIQ$SwqWJFmnuEgqx0.Qk7aMh7tycvE"),
        ("pbkdf2", "rounds=10000", TWO, "{PBKDF2-SHA1}10000$rz478nsE2A741hqAEScj7A$Aag81Gu5pxuWlLsB1AI5uXpmeVw"),
        ("pbkdf2", "rounds=10000", TWO, "{PBKDF2-SHA256}10000$MkKk8SgFONSDnNGniwkBDg$9IELTdX3Qe1WiwHxb9x9c9tbvrHLiW59dJOl7vQUdjU"),
        ("pbkdf2", "rounds=10000", TWO, "{PBKDF2-SHA512}10000$I6JkQe0yqTr44FKh1Y2nEw$76XPhioWCbrGxmrHx/PTyyoip1Bv.I4qc/PAGXHpEAnf1Q6vUmYrp7ocD0BTGXkjSOKygSOHlDELiGpxP2GY.A"),
        ("salted-sha2", None, TWO, "{SSHA256}zwOV8C1a3Gx+WOCjKdTdo3I+J5puDXgk9qdl9ym9AAcHsA4KZ7tNLA=="),
        ("salted-sha2", None, TWO, "{SSHA512}Pc7q7wSZSWvjsjiaXhPVJgqjo5sILD8fkkCxf/uCSZYMcmAI9PGVWjlziV1Cr9fbAYERHTsuBX+v45KJn51fKotLgiN1sgBh"),
        ("sha2", None, TWO, "{SHA384}QRbtuOeIC7BcoTtaaLuaSgSK9MsWxBHDlZaBYMEFDk2hEo9EVIDdTFKnFM5P5GY6"),
        ("argon2", "m=4096;t=3;p=1", TWO, "{ARGON2}$argon2i$v=19$m=4096,t=3,p=1$2fkRU+ZM4akcuG7K/kD0vg$Q58Ok3hECuAlLJpuE/CI9lMd/q2c0MP8fDmln6px3Wk"),
    ],
    # libpass 1.9.4
    "libpass": [
        ("pbkdf2", "rounds=100", ONE, "$pbkdf2$100$I0ToXUvJOcfY.9.7F0IoRQ$BTfYZOfsit7rfrKBHK7uA4OvS/Y"),
        ("pbkdf2", "rounds=100", ONE, "$pbkdf2-sha256$100$PKe01hrjXMvZ2/ufU.pdCw$QFpUYp05LQeTzmQfnUoAMdyaBcCFhY6YUCDi8KPV4L4"),
        ("pbkdf2", "rounds=100", ONE, "{PBKDF2-SHA256}100$1TpHiBEipFTKWUuJkdJ6Dw$WbjL1pwDQSR7iurOt5cJepksn5FtDLYHPSAFuh8ZXco"),
        ("pbkdf2", "rounds=100", ONE, "pbkdf2_sha1$100$qxodxTTaFBrh$b+29IneuGCt0G3lnMzAx5YY/HxM="),
        ("phpass", "rounds=128", ONE, "$P$5ReZUOKRrEJRFq3n2.Pdiso9ivKjM21"),
        ("scrypt", "N=2^4;r=8;p=1", ONE, "$scrypt$ln=4,r=8,p=1$1FprTWmtVUrpPYcwpvReyw$rcjcwEPRl8cGHFgeFGIGDkKECnlS0P6OD6HhiThYILk"),
        ("mysql", None, ONE, "*6CE5455C1E34379AD28097B9E744A4C3BEF99797"),
        ("sha1crypt", "rounds=100", ONE, "$sha1$100$NQVpKJwU$F7F8MF5vT5ndLjoH741ufabPd6E2"),
        ("sha1crypt", "rounds=100", TWO, "$sha1$100$BsQw/.fp$easNiQuPdgJy/sIlgPwqV/iObNQo"),
        ("argon2", "m=64;t=1;p=4", ONE, "$argon2id$v=19$m=64,t=1,p=4$W2uNkbJW6h2j1PpfizEm5A$RP27ScPyqST0yVkl23s+0dkSbWL1JR0kDqIThaAtWW8"),
        ("phpass", "rounds=256", ONE, "$H$6Mfw7Q.UlXWFlIEKiKupcu4A5eYHgW."),
    ],
    # Django 5.2.19
    "Django": [
        ("pbkdf2", "rounds=200", TWO, "pbkdf2_sha256$200$abcdefghij$ofcAFp73GiGUoE7t+cAyg6EoC3vlYrB1392n68SCJ4g="),
        ("pbkdf2", "rounds=200", TWO, "pbkdf2_sha1$200$abcdefghij$xMYm93nEG7N+q46pZs7KN/dIvRM="),
        ("argon2", "m=64;t=1;p=1", TWO, "argon2$argon2id$v=19$m=64,t=1,p=1$YWJjZGVmZ2hpag$xWvfjfdN8rqQX9loqPRW0I3quLCj/lHCtctDxE3tmsU"),
        ("other", None, TWO, "bcrypt_sha256$$2b$04$PkPlMTdA4fCy1Y3uB8vQCevOrRuJPzGdN994tApFG/yhTVIG3x8mK"),
        ("bcrypt", "04", TWO, "bcrypt$$2b$04$1fQTFBzuxBMrgtc1el..Xu6HQ7Boq4l7ulnzSkoMxQN0lExE2bNu2"),
        ("scrypt", "N=2^4;r=8;p=5", TWO, "scrypt$16$abcdefghij$8$5$oTXQh4qXOJhwiWrtE6iwBEiQNHbE4D4MThvTd3a5D5gOQ1pbNIb5WMH7KOEX5EqOUL8zITawVqX6I+fJ8hS9Dg=="),
    ],
    # password_hash of PHP 8.2.36
    "php": [
        ("bcrypt", "04", ONE, "$2y$04$c1qEABYOELGbOwu62Ik1E.x/kisiX.rruHuj/0U08DiZ.ex0uJVYi"),
        ("argon2", "m=64;t=1;p=1", ONE, "$argon2i$v=19$m=64,t=1,p=1$alp4ckwvTFRIYi9NZmdydg$1uqI/+xO8j8BY6fzE3uz2P1EsotuIkzKeE0cpxyrdJk"),
        ("argon2", "m=64;t=1;p=1", ONE, "$argon2id$v=19$m=64,t=1,p=1$UXl3SkRWWC9NZ2VycGpLQw$qn7Lch9bBB116GXIz8O9Pm9jwgw9QF0H70yVClfHxvI"),
    ],
    # example hashes of hashcat: types 8 and 9 of Cisco IOS, Drupal 7
    "hashcat": [
        ("pbkdf2", "rounds=20000", HASHCAT, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"),
        ("scrypt", "N=2^14;r=1;p=1", HASHCAT, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"),
        ("drupal", "rounds=16384", HASHCAT, "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"),
    ],
}
