"""What we say of logins, held against what real daemons of many versions do.

A case is an account with its files on a host with its settings, a key or certificate, and the addresses to come from.
The daemon says whether that lets in and with which limits; our whole pipeline (collector, evidence, facts) says it from
the host's files. The two must agree: never `no` where the daemon lets in, never `yes` where it refuses.

`case` has the records, `cases` the tables, `keys` makes keys, `hosts` turns cases into hosts of the lab, `asking` logs
in, `telling` reads our rows, `agreement` compares. The table of docs/agreement.md is made by

    PYTHONPATH=tests python -m differential
"""
