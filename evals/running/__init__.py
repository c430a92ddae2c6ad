"""A run: the questions are asked, the answers kept and graded."""
