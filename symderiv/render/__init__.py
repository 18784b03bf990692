"""From a derivation to text: outline, printers, templates. Never computes."""
