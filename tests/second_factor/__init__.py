"""Which credentials a login really takes, tried against real daemons, libpam and modules.

A case is one configuration of a host with one account. Every way to show some of the credentials is tried, from each
source: each key, the password and the code, right, wrong or empty, by each method that the daemon offers, and after a
partial success each once more. The smallest sets with which a session opens are what the login takes. Our whole
pipeline (collector, evidence, facts) says the same from the host's files: it must name the same sets, or say that it
does not know.

`case` has the records, `cases` the tables, `person` makes the credentials, `client` shows them to a daemon, `trying`
goes through all ways, `telling` reads our rows, `agreement` compares. The table of docs/factors.md is made by

    PYTHONPATH=tests python -m second_factor --table
"""
