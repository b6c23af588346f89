select finished, low_water from bench.turn(:finished, :batch, :low_water) \gset
