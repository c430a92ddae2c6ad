"""Versions of the assistant: their states, their text, and what they must hold."""
