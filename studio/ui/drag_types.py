"""What our own drags carry besides a file: the names of their payloads."""

from typing import Final

# A kept picture: its id in ASCII.
MIME_KEPT: Final = "application/x-latent-studio-kept"
# All kept pictures that are dragged: their ids in ASCII, one a line.
MIME_ALL_KEPT: Final = "application/x-latent-studio-all-kept"
# A named style of an installed model: its key in ASCII.
MIME_STYLE: Final = "application/x-latent-studio-style"
# A recipe: its JSON bytes.
MIME_RECIPE: Final = "application/x-latent-studio-recipe"
# A slider of the Latents panel, to be put elsewhere in the list: its direction's id in ASCII.
MIME_DIRECTION: Final = "application/x-latent-studio-direction"
