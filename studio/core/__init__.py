"""Values and maths: no files, no Qt, no networks. Everything else may import this."""
