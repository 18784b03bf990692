"""The integers: index forms, ranges, and what follows from them. Knows nothing of tensors."""
