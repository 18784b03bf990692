"""The JSON Schema files of the documents that other programs read."""
