"""Sets of cases: how they grow, are frozen, and travel as files."""
