-- It tells one thing more; functions/30_gate_facts.sql makes it.
drop function if exists ai.gate_facts(uuid[], bytea[], smallint[], boolean, boolean[]);
