"""All checks of Latent Studio."""
