"""What a picture file says about where it comes from: for people, for other programs, for law.

Only texts; who writes them into a file is not known here.
"""

import re
from typing import Final

import msgspec

from studio import __version__
from studio.core.model_card import ModelCard
from studio.core.recipe import ZONES, Recipe, Triple, cells_of
from studio.core.recipe_json import recipe_to_json

# Our own PNG text key, and the name of the property in our own XMP namespace.
RECIPE_KEY: Final = "latent-studio.recipe"
PIXELS_KEY: Final = "latent-studio.pixels"
PARAMETERS_KEY: Final = "parameters"
XMP_KEY: Final = "XML:com.adobe.xmp"
PROGRAM: Final = "Latent Studio"
# Source: IPTC Photo Metadata, digital source type vocabulary.
_SOURCE_TYPES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPE: Final = f"{_SOURCE_TYPES}trainedAlgorithmicMedia"
COMPOSITE_SOURCE_TYPE: Final = f"{_SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"
# Marks under which nobody has to be named: public domain in its spellings, CC0.
_FREE_MARKS: Final = re.compile(r"(pd|pdm|cc-?0|public domain|no rights reserved)\b")
_OWN: Final = re.compile(r"my own pictures|own work")


class Authorship(msgspec.Struct, frozen=True):
    """What an artist says of pictures as their own; nothing of it is asked for.

    Attributes:
        creator: Name, "" to stay unnamed.
        rights: Rights line, as "© 2026 Anna Hill, all rights reserved".
        forbids_mining: Whether learning from the picture by machine is forbidden.
    """

    creator: str = ""
    rights: str = ""
    forbids_mining: bool = False


NOBODY: Final = Authorship()


class Provenance(msgspec.Struct, frozen=True):
    """The texts that go into one picture file. Empty texts are left out.

    Attributes:
        credit: The line of the model's card.
        rights: The artist's rights line and the chain of rights, one line.
        version: Of the program.
        source_type: IPTC's digital source type, an address of its vocabulary.
        creator: The artist's name.
        forbids_mining: Whether learning from the picture by machine is forbidden.
        parameters: Readable lines, as other programs of this kind write them.
        recipe_json: The recipe, so that the picture can be made again.
        pixels: Pixel hash of the picture in the file.
    """

    credit: str = ""
    rights: str = ""
    version: str = ""
    source_type: str = ""
    creator: str = ""
    forbids_mining: bool = False
    parameters: str = ""
    recipe_json: str = ""
    pixels: str = ""


def provenance_of(
    recipe: Recipe | None,
    card: ModelCard,
    *,
    size: tuple[int, int],
    pixels: str,
    author: Authorship = NOBODY,
) -> Provenance:
    """Give the texts for one picture that may say where it comes from.

    Args:
        recipe: What made it, None when no single recipe did.
        card: The model that made it.
        size: Width and height in pixels.
        pixels: Pixel hash of what the file will hold.
        author: What the artist says of it.
    """
    told = Provenance(
        credit=card.credit,
        rights="; ".join(filter(None, (author.rights, rights_line(card) or card.credit))),
        version=__version__,
        source_type=SOURCE_TYPE,
        creator=author.creator,
        forbids_mining=author.forbids_mining,
    )
    if recipe is None:
        return told
    return msgspec.structs.replace(
        told,
        source_type=COMPOSITE_SOURCE_TYPE if has_own_picture(recipe) else SOURCE_TYPE,
        parameters=parameters_text(recipe, size=size, model_name=card.name),
        recipe_json=recipe_to_json(recipe),
        pixels=pixels,
    )


def painted_over(told: Provenance, program: str) -> Provenance:
    """Give the texts of a picture that was painted over in a program; "" for one that was not.

    The recipe is then that of the picture below the paint; it does not give these pixels.
    """
    if not program:
        return told
    return msgspec.structs.replace(
        told, source_type=COMPOSITE_SOURCE_TYPE if told.source_type else "", pixels=""
    )


def credit_only(card: ModelCard, author: Authorship = NOBODY) -> Provenance:
    """Give the texts of a picture whose making is kept to oneself.

    That is the credit line, where the licence of the model's data asks for one, and what the
    artist says of themselves; not the program, not the kind of source, nothing of the recipe.
    """
    return Provenance(
        credit=card.credit if asks_for_credit(card) else "",
        rights=author.rights,
        creator=author.creator,
        forbids_mining=author.forbids_mining,
    )


def asks_for_credit(card: ModelCard) -> bool:
    """Say whether a licence among the model's data asks to name somebody; unknown ones do."""
    if not card.rights:
        return True
    licences = [mark.strip() for right in card.rights for mark in right.licence.split("+")]
    return not all(
        _FREE_MARKS.match(licence.casefold()) or _OWN.match(licence.casefold())
        for licence in licences
    )


def has_own_picture(recipe: Recipe) -> bool:
    """Say whether a picture from outside is part of it.

    A latent that was found for one is stored in the recipe, as a source of the picture or of a
    painted region; seeds and directions need none. (A walk between two such mixtures that need
    more than eight sources stores its latent, too, and is taken for one.)
    """
    made = (recipe, *(region.recipe for region in recipe.regions if region.is_visible))
    return any(source.w is not None for one in made for source in one.sources)


def rights_line(card: ModelCard) -> str:
    """Give the chain of rights as one line: "source (licence, credit); …"."""
    return "; ".join(f"{right.source} ({right.licence}, {right.credit})" for right in card.rights)


def seed_text(recipe: Recipe) -> str:
    """Give the seeds of a recipe for people: "7", "7+12"; "latent" stands for a stored one."""
    return "+".join(
        "latent" if source.seed is None else str(source.seed) for source in recipe.sources
    )


def parameters_text(recipe: Recipe, *, size: tuple[int, int], model_name: str) -> str:
    """Give the readable text that other programs show; its last line follows their order.

    Args:
        recipe: The picture's recipe.
        size: Width and height in pixels.
        model_name: As on the model's card.

    Source: `parameters` of AUTOMATIC1111 and its relatives (reference/ecosystem.md §4).
    """
    lines = [f"{PROGRAM}: a picture of the generator {_one_line(model_name)}"]
    lines += [_source_line(recipe, i) for i in range(len(recipe.sources))]
    lines.append(f"Truncation: {_triple(recipe.psi)}")
    lines += [f"Direction {edit.direction}: {_triple(edit.strength)}" for edit in recipe.edits]
    lines += _beyond_lines(recipe)
    seed = next((source.seed for source in recipe.sources if source.seed is not None), -1)
    width, height = size
    lines.append(
        f"Steps: 1, Sampler: {PROGRAM}, Seed: {seed}, Size: {width}x{height}, "
        f"Model hash: {recipe.model[:10]}, Model: {_one_line(model_name).replace(',', ' ')}, "
        f"Version: {PROGRAM} {__version__}"
    )
    return "\n".join(lines)


def _source_line(recipe: Recipe, index: int) -> str:
    source = recipe.sources[index]
    drawn = "a stored latent" if source.seed is None else f"seed {source.seed}"
    totals = [sum(other.shares[i] for other in recipe.sources) for i in range(3)]
    percent = [round(100 * source.shares[i] / totals[i]) for i in range(3)]
    told = ", ".join(f"{zone} {value} %" for zone, value in zip(ZONES, percent, strict=True))
    return f"Source {index + 1}: {drawn} ({told})"


def _beyond_lines(recipe: Recipe) -> list[str]:
    """Give lines on frame and regions; none for the plain square."""
    lines = []
    if recipe.frame is not None:
        across, down = cells_of(recipe)
        told = [f"tile {recipe.frame.tile}", f"{across}x{down} cells"]
        told += [f"enlarged {recipe.frame.enlarge}x"] * (recipe.frame.enlarge > 1)
        told += ["mirrored"] * recipe.frame.is_mirrored
        lines.append(f"Frame: {', '.join(told)}")
    for number, region in enumerate(recipe.regions, start=1):
        hidden = "" if region.is_visible else ", hidden"
        made = f"{region.kind} {seed_text(region.recipe)} at {region.strength * 100:.0f} %"
        lines.append(f"Region {number}: {made}{hidden}")
    return lines


def _triple(values: Triple) -> str:
    if len(set(values)) == 1:
        return f"{values[0]:g}"
    return ", ".join(f"{zone} {value:g}" for zone, value in zip(ZONES, values, strict=True))


def _one_line(text: str) -> str:
    return " ".join(text.split())
