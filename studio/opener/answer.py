"""What the opener child writes on its output: one line of JSON, then the picture's bytes."""

from typing import Final

import msgspec

from studio.core.credentials import Credentials
from studio.core.model_card import ModelCard

MAX_LINE_BYTES: Final = 8 * 1024 * 1024


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence for people and the way out."""

    what: str
    way_out: str


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found. Texts are as in `opener.recipe_reader.FoundTexts`.

    Attributes:
        recipe: The recipe's own JSON, "" when there is none.
        unknown_fields: Names of fields of a newer schema.
        pixel_hash: As the file says.
        parameters: Readable text of the file.
        made_with: Another program.
        recipe_refused: Why there is no recipe though there is one.
        picture_refused: Why there is no picture.
        width: As the file says.
        height: As the file says.
        shape: Rows and columns of the picture that follows, (0, 0) when none does.
        is_whole: Whether that is the whole picture.
        credentials: Content Credentials, None without any.
    """

    recipe: str = ""
    unknown_fields: tuple[str, ...] = ()
    pixel_hash: str = ""
    parameters: str = ""
    made_with: str = ""
    recipe_refused: Refusal | None = None
    picture_refused: Refusal | None = None
    width: int = 0
    height: int = 0
    shape: tuple[int, int] = (0, 0)
    is_whole: bool = False
    credentials: Credentials | None = None


class ModelAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found in a model's zip.

    Attributes:
        card: The model's card; None when it was refused.
        files: Names and sizes of the files whose bytes follow, in this order.
        refused: Why there is no model.
    """

    card: ModelCard | None = None
    files: tuple[tuple[str, int], ...] = ()
    refused: Refusal | None = None


class PicturesAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found in a zip of pictures.

    Attributes:
        pictures: Suffix and size of each picture whose bytes follow, in this order.
        refused: Why there are none.
    """

    pictures: tuple[tuple[str, int], ...] = ()
    refused: Refusal | None = None
