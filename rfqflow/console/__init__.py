"""The web console for operators: pages rendered here, kept up to date by server-sent events."""
