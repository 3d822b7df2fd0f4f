"""What an engine really does, and how a value of a schema is got from one that does less."""
