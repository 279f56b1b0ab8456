"""How people get in, and stay in: one-time codes by e-mail, and sessions kept on the server."""
