"""The edge: HTTP in and out."""
