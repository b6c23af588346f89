"""Every call into `ai.*`: SQL text is here, in `schema` and in `sql/`, and nowhere else."""
