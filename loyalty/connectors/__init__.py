"""One file, one network: see `loyalty/connector.py`."""
