"""Servers that speak OpenAI's protocol, each in its own dialect; llama-server from a wheel is one of them."""
