"""Live packets: what is sound is read to the number, everything else is refused and counted."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.live import LiveWish, read_wish
from studio.core.osc import OscMessage, OscPacket, read_packet, write_message
from tests.conftest import IS_FULL
from tests.fakes.osc_packets import hostile_packets, stranger_messages

NUMBERS = st.one_of(
    st.integers(-(2**31), 2**31 - 1), st.floats(width=32, allow_nan=False, allow_infinity=False)
)


def test_the_specifications_example_is_read() -> None:
    raw = bytes.fromhex("2f6f7363696c6c61746f722f342f6672657175656e637900 2c660000 43dc0000")
    assert read_packet(raw) == OscPacket((OscMessage("/oscillator/4/frequency", (440.0,)),))


@given(st.lists(NUMBERS, max_size=64))
def test_what_is_written_is_read(numbers: list[float]) -> None:
    raw = write_message("/studio/x", numbers)
    assert len(raw) % 4 == 0
    assert read_packet(raw) == OscPacket((OscMessage("/studio/x", tuple(numbers)),))


@given(st.lists(NUMBERS, max_size=20))
def test_another_library_writes_and_reads_the_same(numbers: list[float]) -> None:
    builder = pytest.importorskip("pythonosc.osc_message_builder")
    message = pytest.importorskip("pythonosc.osc_message")
    made = builder.OscMessageBuilder(address="/studio/x")
    for number in numbers:
        made.add_arg(number, "i" if isinstance(number, int) else "f")
    assert made.build().dgram == write_message("/studio/x", numbers)
    assert message.OscMessage(write_message("/studio/x", numbers)).params == numbers


def test_wide_numbers_and_bundles_are_read() -> None:
    wide = b"/studio/seed\0\0\0\0,hd\0" + struct.pack(">qd", 2**40, 0.1)
    inner = b"#bundle\0" + bytes(8) + struct.pack(">i", len(wide)) + wide
    seed = write_message("/studio/seed", (7,))
    broken = b"/x\0\0,s\0\0abc\0"
    parts = (seed, inner, broken, seed)
    bundle = b"#bundle\0" + b"12345678" + b"".join(struct.pack(">i", len(p)) + p for p in parts)
    one = OscMessage("/studio/seed", (7,))
    told = read_packet(bundle)
    assert told.messages == (one, OscMessage("/studio/seed", (2**40, 0.1)), one)
    assert told.num_refused == 1


@pytest.mark.parametrize(("name", "raw"), list(hostile_packets()))
def test_hostile_packets_are_refused_and_counted(name: str, raw: bytes) -> None:
    packet = read_packet(raw)
    assert packet.messages == ()
    assert packet.num_refused >= 1


def test_a_bundle_of_thousands_is_cut_off() -> None:
    small = b"/a\0\0"
    bundle = b"#bundle\0" + bytes(8) + (struct.pack(">i", 4) + small) * 1000
    packet = read_packet(bundle)
    assert (len(packet.messages), packet.num_refused) == (256, 744)


def test_mutants_are_read_or_refused_and_nothing_else() -> None:
    """Bits turned, cut, doubled, spliced: a packet is refused, or its numbers are finite."""
    chance = random.Random(6)
    sound = [write_message("/studio/slider/1", (0.5,)), write_message("/studio/seed", (7,))]
    pool = [*sound, *(raw for _, raw in hostile_packets() if len(raw) < 4096)]
    for _ in range(1_000_000 if IS_FULL else 20_000):
        raw = bytearray(chance.choice(pool))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(raw) + 1)
            match chance.randrange(4):
                case 0 if place < len(raw):
                    raw[place] ^= 1 << chance.randrange(8)
                case 1:
                    del raw[place : place + chance.randint(1, 8)]
                case 2:
                    raw[place:place] = chance.choice(pool)[: chance.randint(1, 40)]
                case _:
                    raw[place : place + 4] = chance.randbytes(4)
        for message in read_packet(bytes(raw)).messages:
            assert all(abs(number) < float("inf") for number in message.numbers)
            wish = read_wish(message)
            assert wish is None or len(wish.key) < 64


def test_only_numbers_can_be_written() -> None:
    for address, number in (("/x", float("nan")), ("/x", 2**40), ("/x y", 1), ("x", 1), ("", 1)):
        with pytest.raises(ValueError, match=r"cannot be sent|out of range"):
            write_message(address, (number,))


@pytest.mark.parametrize(
    ("address", "numbers", "wish"),
    [
        ("slider/3", (0.5,), LiveWish("slider", "3", 0.5)),
        ("slider/0123456789abcdef", (99,), LiveWish("slider", "0123456789abcdef", 5.0)),
        ("zone/fine", (1,), LiveWish("zone", "fine", 1.0)),
        ("zone/fine", (0.2,), LiveWish("zone", "fine", 0.0)),
        ("seed", (7.4,), LiveWish("seed", number=7)),
        ("seed", (-5,), LiveWish("seed", number=0)),
        ("seed", (1e30,), LiveWish("seed", number=2**31 - 1)),
        ("psi", (9,), LiveWish("psi", number=1.5)),
        ("mix", (-1,), LiveWish("mix", number=0.0)),
        ("style/12", (), LiveWish("style", "12", 1.0)),
        ("style/" + "ab" * 16, (0,), LiveWish("style", "ab" * 16, 0.0)),
        ("style", (3,), LiveWish("style", number=3)),
        ("kept", (0,), LiveWish("kept", number=1)),
        ("dice", (), LiveWish("dice", number=1.0)),
        ("dice", (0,), LiveWish("dice", number=0.0)),
        ("walk/play", (1,), LiveWish("play", number=1.0)),
        ("walk/position", (2,), LiveWish("position", number=1.0)),
    ],
)
def test_the_tree_of_addresses(address: str, numbers: tuple[float, ...], wish: LiveWish) -> None:
    found = read_wish(OscMessage(f"/studio/{address}", numbers))
    assert found == wish
    assert address.startswith(wish.address)


@pytest.mark.parametrize(("address", "numbers"), list(stranger_messages()))
def test_other_addresses_and_other_numbers_are_nothing(
    address: str, numbers: tuple[float, ...]
) -> None:
    assert read_wish(OscMessage(address, numbers)) is None
