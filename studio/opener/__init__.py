"""Reads bytes from strangers, with limits, in a child process."""
