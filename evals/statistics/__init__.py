"""What numbers may be said about the results of evals, and how sure they are: pure functions, no models, no pages."""
