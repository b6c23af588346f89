select finished, rfq_ids, low_water from bench.claim(:batch, :low_water) \gset
select count(*) as facts from ai.gate_facts(:rfq_ids) \gset
select count(*) as outcomes from ai.finish_outbox(:finished) \gset
