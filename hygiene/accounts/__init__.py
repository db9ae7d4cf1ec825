"""Who has an account on a host, in what state, and who becomes root with it: pure functions on a host's own files.

passwd, group, the reduced shadow lines of the collector, nsswitch.conf and sudoers. Nothing here raises on bad
input: what cannot be read is a problem in words, and what it could concern is unknown.
"""
