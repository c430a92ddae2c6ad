"""What the choice of a model costs in quality and spares in money, from questions that both models answered."""
