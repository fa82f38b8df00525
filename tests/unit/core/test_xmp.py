"""The XMP packet is sound XML, whatever the names, and says no more than it was given."""

from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.model_card import Right
from studio.core.provenance import (
    COMPOSITE_SOURCE_TYPE,
    SOURCE_TYPE,
    Authorship,
    Provenance,
    asks_for_credit,
    credit_only,
    has_own_picture,
    provenance_of,
)
from studio.core.recipe import Recipe, Region, Source, new_recipe
from studio.core.xmp import NO_MINING, xmp_packet
from tests.fakes.galleries import CARD, MODEL

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
STORED = Recipe(model=MODEL, sources=(Source(w="AAAAAA=="),))


def read(packet: str) -> ElementTree.Element:
    return ElementTree.fromstring(packet.encode())[0][0]


def text_of(description: ElementTree.Element, name: str) -> str | None:
    found = description.find(f"{DC}{name}/*/{RDF}li")
    return None if found is None else found.text


def test_it_says_creator_rights_credit_and_that_learning_from_it_is_forbidden() -> None:
    author = Authorship("张伟 <& „Zoë“>", "© 2026", forbids_mining=True)
    told = provenance_of(new_recipe(MODEL, 1), CARD, size=(8, 8), pixels="0" * 64, author=author)
    description = read(xmp_packet(told, with_recipe=False))
    assert text_of(description, "creator") == "张伟 <& „Zoë“>"
    assert text_of(description, "rights") == f"© 2026; {CARD.credit}"
    assert description.get("{http://ns.adobe.com/photoshop/1.0/}Credit") == CARD.credit
    assert description.get("{http://ns.useplus.org/ldf/xmp/1.0/}DataMining") == NO_MINING
    assert (
        description.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType")
        == SOURCE_TYPE
    )


def test_a_picture_with_a_found_or_painted_in_own_picture_is_a_composite() -> None:
    plain = new_recipe(MODEL, 1)
    region = Region(kind="mix", mask="", recipe=STORED)
    painted = msgspec.structs.replace(plain, regions=(region,))
    hidden = msgspec.structs.replace(region, is_visible=False)
    for recipe, expected in (
        (plain, False),
        (STORED, True),
        (painted, True),
        (msgspec.structs.replace(plain, regions=(hidden,)), False),
    ):
        assert has_own_picture(recipe) == expected
        told = provenance_of(recipe, CARD, size=(8, 8), pixels="")
        assert told.source_type == (COMPOSITE_SOURCE_TYPE if expected else SOURCE_TYPE)


def test_the_program_is_named_only_where_its_own_properties_stand() -> None:
    told = provenance_of(new_recipe(MODEL, 1), CARD, size=(8, 8), pixels="0" * 64)
    assert "latent-studio" in xmp_packet(told, with_recipe=True)
    assert "latent-studio" not in xmp_packet(credit_only(CARD, Authorship()), with_recipe=True)


@given(name=st.text(), rights=st.text())
def test_no_name_breaks_the_packet(name: str, rights: str) -> None:
    raw = xmp_packet(Provenance(creator=name, rights=rights, credit=name), with_recipe=False)
    if raw:
        read(raw.encode("utf-8", "strict").decode())


def test_control_characters_and_lone_surrogates_are_left_out() -> None:
    packet = xmp_packet(Provenance(creator="A\x00n\x1bn\ud800a\ufffe"), with_recipe=False)
    assert text_of(read(packet), "creator") == "Anna"


def test_a_name_cannot_pass_for_a_recipe() -> None:
    name = '" studio:recipe="{}'
    assert 'studio:recipe="' not in xmp_packet(Provenance(credit=name), with_recipe=True)


def test_where_there_is_nothing_to_say_there_is_no_packet() -> None:
    assert xmp_packet(Provenance(), with_recipe=True) == ""


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("CC-BY 4.0", True),
        ("MIT", True),
        ("not stated", True),
        ("PD-US + PDM", False),
        ("PDM + CC BY 4.0", True),
        ("CC0 1.0", False),
        ("Public domain", False),
        ("My own pictures, all rights mine", False),
        ("PDsomething", True),
    ],
)
def test_only_free_data_lets_the_credit_go(licence: str, expected: bool) -> None:
    card = msgspec.structs.replace(CARD, rights=(Right("a folder", licence, "Anna"),))
    assert asks_for_credit(card) == expected
    assert credit_only(card).credit == (CARD.credit if expected else "")


def test_an_unknown_chain_of_rights_keeps_the_credit() -> None:
    assert asks_for_credit(msgspec.structs.replace(CARD, rights=()))
