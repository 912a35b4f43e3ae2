"""Drills: break every part of the service under load and look whether a promise breaks. See README.md."""
