"""What `datagen doctor` looks at: the machine, the versions, the servers at hand, the pace of an engine."""
