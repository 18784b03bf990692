"""The web page: MathML whose entries carry their identity, and the data that its script evaluates."""
