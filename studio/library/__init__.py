"""The artist's models and kept pictures on disk."""
