"""A GGUF file, many requests at once: continuous batching on llama.cpp, in a child process or in this one.

engine.py       requests in, completions out; child.py is the same in a process of its own
lanes.py        decoders side by side, fed from one queue
decoder.py      many samples written at once; schedule.py: which sample sits in which slot
binding.py      the one place that talks to llama.cpp
invariance.py   does what shares a batch change the tokens? threads.py: how many are fastest?
vocabulary.py   a model without its weights, enough to say what a request is
"""
