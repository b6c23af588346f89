select finished, rfq_ids, low_water from bench.claim(:batch, :low_water) \gset
select count(*) as facts from bench.facts(:rfq_ids) as f \gset
select count(*) as outcomes from ai.finish_outbox(:finished) \gset
