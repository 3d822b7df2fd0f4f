"""What runs on the other side: the keeper that forks sandboxed processes, and what those do first.

Started as a bare interpreter (`-I -S`), so nothing here may import from outside this folder but the
standard library. `sandbox.py` is the other end. Nothing secret ever comes here except the test code of
assert tests, which only the judge process sees.

    keeper.py      forks one job at a time, keeps its deadline, kills what is left
    child.py       what a forked process does: file descriptors, limits, layers, then its role
    kernel.py landlock.py seccomp.py namespaces.py   the layers
    loader.py      runs a program from memory as a module
    serve.py judge.py   the roles: a program that answers calls, test code that makes them
    codec.py peer.py remote.py   plain values as JSON, questions between two processes, stand-ins for objects
"""
