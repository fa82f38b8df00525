"""Pictures out: formats, recipe and provenance inside."""
