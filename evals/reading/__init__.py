"""How graders read an answer: as the turn it was, by how it behaves, with a judge's eyes, by its quotes."""
