"""JSON Schema: checks of documents, and the words for what is wrong."""
