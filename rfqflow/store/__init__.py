"""All calls into `ai.*`. Only this package, `rfqflow.database` and `sql/` hold SQL text."""
