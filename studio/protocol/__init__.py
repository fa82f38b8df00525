"""Messages between the window and its child processes, one JSON object a line."""
