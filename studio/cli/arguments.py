"""How the arguments that say what to make are read and checked."""

import argparse
import re
from typing import Final

from studio.cli.parsers import CommandParser, real_number, whole_number
from studio.core.recipe import MAX_PSI, MAX_SEED, MAX_STRENGTH, ZONES, Zone

MAX_PICTURES: Final = 100_000
_SEEDS: Final = re.compile(r"[\d\s,+-]+")

read_psi = real_number(0.0, MAX_PSI)
read_seed = whole_number(0, MAX_SEED)


def read_seeds(text: str) -> tuple[int, ...]:
    """Read `7`, `1,5,9` or `100-115`, in the order written.

    Source: the spelling of StyleGAN's own tools, which the field knows.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        begin = read_seed(first)
        end = read_seed(last) if dash else begin
        if end < begin:
            raise argparse.ArgumentTypeError(f"“{part}” runs backwards")
        if len(seeds) + end - begin >= MAX_PICTURES:
            raise argparse.ArgumentTypeError(f"more than {MAX_PICTURES} seeds")
        seeds.extend(range(begin, end + 1))
    return tuple(seeds)


def seeds_in(word: str, *, prog: str) -> tuple[int, ...] | None:
    """Give the seeds that a word spells as `read_seeds` reads them, None when it names a file.

    Leaves with status 2, as `prog`, where they are out of range.
    """
    if not _SEEDS.fullmatch(word):
        return None
    try:
        return read_seeds(word)
    except argparse.ArgumentTypeError as error:
        CommandParser(prog=prog).error(str(error))


def read_zones(text: str) -> tuple[Zone, ...]:
    """Read `coarse,fine`."""
    names = {name.strip().lower() for name in text.split(",")}
    if unknown := sorted(names.difference(ZONES)):
        raise argparse.ArgumentTypeError(f"“{unknown[0]}” is no zone ({', '.join(ZONES)})")
    return tuple(zone for zone in ZONES if zone in names)


def read_edit(text: str) -> tuple[str, float]:
    """Read `NAME=VALUE`; the name may hold any letter, the value is a strength in σ."""
    name, equals, value = text.rpartition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"“{text}” is not NAME=VALUE")
    return name.strip(), real_number(-MAX_STRENGTH, MAX_STRENGTH)(value)
