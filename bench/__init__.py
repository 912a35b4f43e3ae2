"""Timings: the service beside plain Flask, on this machine, in one run. See README.md."""
