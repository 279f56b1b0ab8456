"""What the outside sees over HTTP: the API, the hooks, and the pages."""
