"""The memory: truth and copy."""
