select finished, low_water from bench.claim(:batch, :low_water) \gset
select count(*) as outcomes from ai.finish_outbox(:finished) \gset
