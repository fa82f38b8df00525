"""The import rule, sizes, and what may stand in the tree at all."""
