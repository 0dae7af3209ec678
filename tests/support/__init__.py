"""What tests stand on: databases, a browser, a running server, guards. `tests/conftest.py` hands it to pytest."""
