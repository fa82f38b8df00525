"""What a picture file says about where it comes from: for people, for other programs, for law.

Only texts; who writes them into a file is not known here.
"""

from typing import Final
from xml.sax.saxutils import escape, quoteattr

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
STUDIO_NAMESPACE: Final = "https://latent-studio.invalid/xmp/1/"
# Source: IPTC Photo Metadata, digital source type vocabulary.
SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


class Provenance(msgspec.Struct, frozen=True):
    """The texts that go into one picture file. Empty texts are left out.

    Attributes:
        credit: The line of the model's card that every export carries.
        rights: The chain of rights, one line.
        version: Of the program.
        parameters: Readable lines, as other programs of this kind write them.
        recipe_json: The recipe, so that the picture can be made again.
        pixels: Pixel hash of the picture in the file.
    """

    credit: str
    rights: str
    version: str
    parameters: str = ""
    recipe_json: str = ""
    pixels: str = ""


def provenance_of(
    recipe: Recipe | None, card: ModelCard, *, size: tuple[int, int], pixels: str
) -> Provenance:
    """Give the texts for one picture.

    Args:
        recipe: What made it, None to keep it to oneself: then only credit and rights are said.
        card: The model that made it.
        size: Width and height in pixels.
        pixels: Pixel hash of what the file will hold.
    """
    rights = rights_line(card)
    if recipe is None:
        return Provenance(credit=card.credit, rights=rights, version=__version__)
    return Provenance(
        credit=card.credit,
        rights=rights,
        version=__version__,
        parameters=parameters_text(recipe, size=size, model_name=card.name),
        recipe_json=recipe_to_json(recipe),
        pixels=pixels,
    )


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


def xmp_packet(provenance: Provenance, *, with_recipe: bool, walk_json: str = "") -> str:
    """Give the XMP packet: digital source type, program, credit and rights.

    Args:
        provenance: The texts.
        with_recipe: Whether recipe and pixel hash go in too, for formats without text chunks.
        walk_json: The walk that a film is of, "" for a picture.

    Source: XMP specification part 1; IPTC Photo Metadata Standard 2023.1.
    """
    attributes = [
        ("Iptc4xmpExt:DigitalSourceType", SOURCE_TYPE),
        ("xmp:CreatorTool", f"{PROGRAM} {provenance.version}"),
        ("photoshop:Credit", provenance.credit),
    ]
    if with_recipe:
        attributes += [
            ("studio:recipe", provenance.recipe_json),
            ("studio:pixels", provenance.pixels),
            ("studio:walk", walk_json),
        ]
    given = "\n   ".join(f"{name}={quoteattr(text)}" for name, text in attributes if text)
    rights = provenance.rights or provenance.credit
    body = (
        '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{escape(rights)}</rdf:li></rdf:Alt></dc:rights>"
        if rights
        else ""
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""\n'
        '   xmlns:dc="http://purl.org/dc/elements/1.1/"\n'
        '   xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
        '   xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"\n'
        '   xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"\n'
        f'   xmlns:studio="{STUDIO_NAMESPACE}"\n'
        f"   {given}>{body}</rdf:Description>\n"
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    )


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
