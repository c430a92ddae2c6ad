"""A share of the real turns, graded behind their backs: what customers get, day by day."""
