"""The pages of the evals, for staff."""
