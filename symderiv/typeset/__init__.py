"""From a document's source to pages: each file hands it to one outside program, and knows no room of symderiv."""
