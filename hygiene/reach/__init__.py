"""Who can get where with what: questions that join accounts, keys, settings and factors over hosts."""
