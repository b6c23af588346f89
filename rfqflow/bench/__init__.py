"""What `rfqflow bench` measures, on a scratch database that it creates and drops.

`place` creates the database. `child` and `load` are the processes that use it. `insert`, `drain`, `pickup` and
`counts` measure. `figures` computes statistics. `report` compares results with the targets.
"""
