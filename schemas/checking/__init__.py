"""How a row is held against a schema: jsonschema-rs accepts, jsonschema decides and explains."""
