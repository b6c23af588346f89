"""What tests share: servers that misbehave, workers in process, tables of other shapes."""
