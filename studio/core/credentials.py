"""What a picture's Content Credentials say, once they were read."""

import msgspec


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Content Credentials (C2PA) of a file.

    Attributes:
        is_sound: Whether the signature fits, and every byte is as it was signed.
        is_trusted: Whether an authority vouches for the signer; ours never has one.
        signer: Name on the certificate, as it says itself.
        program: What made the claim.
        actions: What was done, by C2PA's names ("c2pa.created").
        source_type: IPTC's digital source type of the last action that says one.
        problems: Codes of what does not fit; "" never among them.
    """

    is_sound: bool
    is_trusted: bool = False
    signer: str = ""
    program: str = ""
    actions: tuple[str, ...] = ()
    source_type: str = ""
    problems: tuple[str, ...] = ()
