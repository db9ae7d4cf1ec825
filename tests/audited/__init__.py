"""Fleets of real hosts for the whole audit, each thing on them planted together with what is true of it.

`plant` and `machines` have the records, `faulty` and `clean` the two fleets, `lists` the password list, `truth` and
`truth_settings` turn what was planted into the rows that the tables must hold, `world` has both fleets up and `runs`
what is done with them once, `told` reads what `hygiene who` says, `offline` makes images of hosts, `secrets` searches
for what must be nowhere. None of them reads anything with the code under test: a truth is a statement, and
tests/test_audit_real.py asks the real sshd whether it is one.
"""
