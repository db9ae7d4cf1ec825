"""Collecting evidence: over SSH from a fleet, or from the root of an offline image.

The only room, beside `testing`, that uses asyncssh. What is collected is written by `collector.sh`, the one script
that runs on hosts, around the parts of its awk program in `awk/`; `script` joins and sends it, `ssh`, `session` and
`host` bring back what it said of one host, `fleet` does so for all of them, `offline` runs it on an image, and `run`
puts a whole run together. Nothing here reads the evidence beyond asking whether it is whole.
"""
