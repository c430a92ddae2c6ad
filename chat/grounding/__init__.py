"""Whether the sources of an answer bear it out, as far as that can be told without a model."""
