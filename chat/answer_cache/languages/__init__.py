"""What is known about the words of each language in which customers ask."""
