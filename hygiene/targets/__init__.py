"""Which hosts a run is about: host lists, Ansible inventories and CSV tables become `Target`s, then `--limit` picks.

`inventory.load` is the door; `select.select` narrows what it gives.
"""
