"""What sshd does with its files, as pure functions on bytes.

Versions, public keys, authorized_keys, sshd_config, the permissions that StrictModes asks for, and the verdict
whether a line lets somebody in. Nothing here opens a file, asks a clock or raises on bad data from a host.
"""
