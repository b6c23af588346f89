"""Benchmarks. They run on a scratch database that they create and drop.

`scratch_database` creates the database. `subprocess_worker` and `load` are the processes that use it. `insert`,
`drain`, `pickup` and `wal_counts` measure. `statistics` computes statistics. `report` compares results with the
targets.
"""
