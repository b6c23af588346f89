"""What `rfqflow bench` measures, on a scratch database that it makes and drops itself.

`place` makes the database, `child` and `load` are the processes that work on it, `insert`, `drain`, `pickup` and
`counts` measure, `figures` reckons, `report` puts results beside the targets.
"""
