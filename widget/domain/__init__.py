"""The rules: pure Python."""
