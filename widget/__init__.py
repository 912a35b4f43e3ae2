"""Support Now: petitions that any site can show."""
