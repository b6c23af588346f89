"""What tests share: servers that misbehave, workers in the process of the test, tables of other shapes."""
