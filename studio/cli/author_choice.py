"""What an artist says of pictures on the command line: name, rights, no training, a signature."""

import argparse

from studio.core.provenance import Authorship


def add_author(group: argparse._ActionsContainer) -> None:
    """Add the words that say whose pictures they are."""
    group.add_argument("--creator", default="", metavar="NAME", help="your name, in the file")
    group.add_argument("--rights", default="", metavar="LINE", help="your rights line, in the file")
    group.add_argument(
        "--no-training", action="store_true", help="say that nobody may train on the picture"
    )
    group.add_argument(
        "--sign",
        action="store_true",
        help="Content Credentials: signed by you, not by an authority (PNG, TIFF, JPEG, WebP, "
        "AVIF; needs the extra “provenance”)",
    )


def author_from(args: argparse.Namespace) -> Authorship:
    """Give what a call says."""
    return Authorship(
        creator=" ".join(args.creator.split())[:200],
        rights=" ".join(args.rights.split())[:200],
        forbids_mining=args.no_training,
    )
