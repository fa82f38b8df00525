"""The XMP packet of a picture: the one place that says in XML where it comes from.

Only text; who embeds it into a file is not known here. Whatever a name holds, the packet stays
sound XML, and it never names a file or a folder.

Sources: XMP specification part 1; IPTC Photo Metadata Standard 2023.1; PLUS License Data Format
2.0.1 (data mining).
"""

import re
from typing import Final

from studio.core.provenance import PROGRAM, Provenance

STUDIO_NAMESPACE: Final = "https://latent-studio.invalid/xmp/1/"
# "Prohibited for AI/ML training", of PLUS's controlled vocabulary.
NO_MINING: Final = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"
# What XML 1.0 (§2.2) has no way to write, not even escaped.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# As `xml.sax.saxutils.escape` does, which would bring urllib and ssl into the window's start.
_ENTITIES: Final = str.maketrans(
    {
        "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;",
        "\n": "&#10;", "\r": "&#13;", "\t": "&#9;",
    }
)  # fmt: skip


def xmp_packet(
    provenance: Provenance, *, with_recipe: bool, walk_json: str = "", layers_json: str = ""
) -> str:
    """Give the XMP packet, "" where there is nothing to say.

    Args:
        provenance: The texts; empty ones are left out.
        with_recipe: Whether recipe and pixel hash go in too, for formats without text chunks.
        walk_json: The walk that a film is of, "" for a picture.
        layers_json: The recipes of the layers of a file, "" where it has none.
    """
    program = f"{PROGRAM} {provenance.version}" if provenance.version else ""
    attributes = [
        ("Iptc4xmpExt:DigitalSourceType", provenance.source_type),
        ("xmp:CreatorTool", program),
        ("photoshop:Credit", provenance.credit),
        ("plus:DataMining", NO_MINING if provenance.forbids_mining else ""),
    ]
    if with_recipe:
        attributes += [
            ("studio:recipe", provenance.recipe_json),
            ("studio:pixels", provenance.pixels),
            ("studio:walk", walk_json),
            ("studio:layers", layers_json),
        ]
    given = "\n   ".join(f'{name}="{_escaped(text)}"' for name, text in attributes if text)
    # The name of our own properties names the program, so it stands only where they do.
    has_ours = any(text and name.startswith("studio:") for name, text in attributes)
    ours = f'xmlns:studio="{STUDIO_NAMESPACE}"\n   ' if has_ours else ""
    body = _creator(provenance.creator) + _rights(provenance.rights)
    if not given and not body:
        return ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""\n'
        '   xmlns:dc="http://purl.org/dc/elements/1.1/"\n'
        '   xmlns:xmp="http://ns.adobe.com/xap/1.0/"\n'
        '   xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"\n'
        '   xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"\n'
        '   xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"\n'
        f"   {ours}{given}>{body}</rdf:Description>\n"
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    )


def _creator(name: str) -> str:
    if not name:
        return ""
    return f"<dc:creator><rdf:Seq><rdf:li>{_escaped(name)}</rdf:li></rdf:Seq></dc:creator>"


def _rights(line: str) -> str:
    if not line:
        return ""
    return (
        '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">'
        f"{_escaped(line)}</rdf:li></rdf:Alt></dc:rights>"
    )


def _escaped(text: str) -> str:
    """Give the text for an attribute or an element: no quote is left that could end anything."""
    return _NOT_XML.sub("", text).translate(_ENTITIES)
