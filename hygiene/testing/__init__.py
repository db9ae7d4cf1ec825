"""Hosts that speak SSH on the loopback, and fleets planted for tests, benches and the demo.

For our own tests and for those of others' checks. It needs no root, listens on 127.0.0.0/8 alone, and
touches neither the user's keys nor an agent.
"""
