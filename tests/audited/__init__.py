"""Fleets of real hosts for the whole audit, each thing on them planted together with what is true of it.

`plant` has the records, `faulty` and `clean` the two fleets, `lists` the password list, `truth` turns what was planted
into the rows that the tables must hold, `secrets` searches for what must be nowhere. None of them reads anything with
the code under test: a truth is a statement, and tests/test_audit_real.py asks the real sshd whether it is one.
"""
