"""The web console: the server renders the pages, and server-sent events keep them up to date."""
