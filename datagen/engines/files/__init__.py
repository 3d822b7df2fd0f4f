"""What a file is, before llama.cpp sees it: whole, a model, an adapter, and whether it fits the memory."""
