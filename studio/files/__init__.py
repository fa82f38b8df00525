"""Places on disk and the one way to write there."""
