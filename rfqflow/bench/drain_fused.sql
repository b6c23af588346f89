select count(*) as facts from ai.gate_facts(:rfq_ids) \gset
select finished, rfq_ids, low_water from bench.turn(:finished, :batch, :low_water) \gset
