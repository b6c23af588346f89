select count(*) as facts from bench.facts(:rfq_ids) as f \gset
select finished, rfq_ids, low_water from bench.turn(:finished, :batch, :low_water) \gset
