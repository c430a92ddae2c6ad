"""What a run came to, in figures."""
