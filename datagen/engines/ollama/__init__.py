"""A model of an Ollama server, by its native API."""
