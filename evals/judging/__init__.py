"""What a judge may be used for: its words beside those of people."""
