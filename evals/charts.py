"""Plain data for the charts that the templates draw: coordinates and words, no markup."""
