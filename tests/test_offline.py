"""The guard that keeps the tests on this machine works, here and in the processes they start."""

import http.server
import socket
import subprocess
import sys
import threading

import pytest

REFUSED = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"


def test_a_connection_that_leaves_the_machine_is_refused():
    with pytest.raises(OSError, match="the tests are offline"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OSError, match="the tests are offline"):
        socket.getaddrinfo("example.com", 80)
    with pytest.raises(OSError, match="the tests are offline"):
        socket.socket().connect_ex(("2001:db8::1", 80))


def test_a_child_process_is_refused_too():
    child = subprocess.run([sys.executable, "-c", REFUSED], capture_output=True, text=True, check=False)
    assert child.returncode != 0
    assert "the tests are offline" in child.stderr


def test_a_server_on_this_machine_can_be_reached():
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    with socket.create_connection(("localhost", server.server_port), timeout=5) as connection:
        connection.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
        assert connection.recv(15).startswith(b"HTTP/1.0 200")
    thread.join()
    server.server_close()
