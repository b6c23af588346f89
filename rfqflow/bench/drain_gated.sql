select finished, low_water from bench.gated_turn(:finished, :batch, :low_water) \gset
