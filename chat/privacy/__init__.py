"""Personal data: found by their own grammar, masked, and put back for their owner."""
