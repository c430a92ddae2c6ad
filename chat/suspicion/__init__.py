"""What a question tries to do, read the way an attacker hopes that only a model will read it."""
