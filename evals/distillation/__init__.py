"""What a small model, or a judge, is taught: taken from what was approved, masked, kept away from what measures, split,
checked and priced. See docs/distillation.md."""
