"""Stand-ins that behave like the real thing, for tests of what stands on it."""
