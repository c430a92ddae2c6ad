"""How a reply came about: told, measured, and done again."""
