"""The tables in DuckDB: rows of hosts and lists in, questions and exports out.

`schema` says what the tables are, `store` writes them (one process at a time), `fleet` answers read-only questions,
`export` writes a table for other programs. The file is derived from the evidence and can always be built again.
"""
