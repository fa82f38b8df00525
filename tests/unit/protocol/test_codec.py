"""Every line is a message, or one `ProtocolError` sentence."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.recipe import new_recipe
from studio.protocol import codec
from studio.protocol import messages as say
from studio.protocol.codec import LineDecoder, Message, ProtocolError, encode_line

MODEL = "ab" * 32


def decoder() -> LineDecoder[say.Command]:
    return LineDecoder(say.Command)


def refusal(line: bytes) -> str:
    with pytest.raises(ProtocolError) as caught:
        decoder().decode(line)
    assert caught.value.way_out
    return caught.value.what


COMMANDS: list[say.Command] = [
    say.UseRing(path="/ring", num_slots=8, slot_bytes=12),
    say.OpenModel(open_id=1, folder="/models/a b", wish="cuda"),
    say.Render(request_id=2, recipe=new_recipe(MODEL, 7)),
    say.RenderSmall(request_id=3, recipe=new_recipe(MODEL, 7), size=64),
    say.CancelSmall(request_ids=(3, 4)),
    say.RenderFull(request_id=5, recipe=new_recipe(MODEL, 2**31 - 1)),
    say.FreeSlot(slot=0),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_comes_back_as_it_was(command: say.Command) -> None:
    line = encode_line(command)
    assert line.count(b"\n") == 1
    assert decoder().decode(line) == command
    fields = msgspec.json.decode(line)
    assert fields["protocol"] == codec.PROTOCOL
    assert set(fields) > {"type", "protocol"}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_missing_field_is_named(command: say.Command) -> None:
    fields = msgspec.json.decode(encode_line(command))
    for name in set(fields) - {"type", "protocol", "wish", "has_nearness"}:
        left = {key: value for key, value in fields.items() if key != name}
        assert name in refusal(msgspec.json.encode(left))


def test_an_unknown_field_is_refused() -> None:
    line = b'{"type":"free_slot","protocol":1,"slot":0,"run":"rm"}'
    assert "run" in refusal(line)


def test_another_protocol_is_named_even_with_fields_that_we_do_not_know() -> None:
    line = b'{"type":"free_slot","protocol":2,"slot":0,"why":"new"}'
    assert refusal(line) == "The other side speaks protocol 2, this side 1."
    assert refusal(b'{"type":"free_slot","protocol":3,"slot":0}').endswith("this side 1.")


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        (b"\xff\xfe{}\n", "not UTF-8"),
        (b'{"type":"use_ring","path":"\xff"}', "not UTF-8"),
        (b"hello\n", "not JSON"),
        (b"\n", "not JSON"),
        (b'{"type":"free_slot"', "not JSON"),
        (b"[" * 100_000, "does not fit"),
        (b'{"type":"render","recipe":' + b"[" * 100_000, "does not fit"),
        (b'{"type":"free_slot","x":' + b"[" * 100_000, "does not fit"),
        (b'{"type":"free_slot","protocol":1,"slot":NaN}', "not JSON"),
        (b"[1,2]", "does not fit"),
        (b'{"type":"format_disk","protocol":1}', "does not fit"),
        (b'{"type":"free_slot","protocol":1,"slot":"0"}', "does not fit"),
        (b'{"type":"free_slot","protocol":1,"slot":1e99}', "does not fit"),
        (b" " * (codec.MAX_LINE_BYTES + 1), "longer"),
    ],
)
def test_what_is_no_message_gives_one_sentence(line: bytes, phrase: str) -> None:
    assert phrase in refusal(line)


@given(st.binary(max_size=200))
def test_random_bytes_never_do_anything_else(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        decoder().decode(line)


@given(st.lists(st.integers(1, 40), max_size=30), st.lists(st.sampled_from(COMMANDS), max_size=6))
def test_messages_come_whole_however_the_pipe_cuts_them(
    cuts: list[int], commands: list[say.Command]
) -> None:
    stream = b"".join(encode_line(command) for command in commands)
    pieces, place = [], 0
    for cut in cuts:
        pieces.append(stream[place : place + cut])
        place += cut
    pieces.append(stream[place:])
    reader = decoder()
    assert [found for piece in pieces for found in reader.feed(piece)] == commands


def test_garbage_between_two_messages_is_refused_and_the_second_is_read() -> None:
    first, second = COMMANDS[0], COMMANDS[-1]
    found = list(decoder().feed(encode_line(first) + b"gar\rbage\n" + encode_line(second)))
    assert found[0] == first
    assert found[2] == second
    assert isinstance(found[1], ProtocolError)


def test_an_endless_line_is_refused_once_and_does_not_fill_the_memory() -> None:
    reader = decoder()
    found = []
    for _ in range(64):
        found += list(reader.feed(b"x" * 100_000))
        assert len(reader._buffer) <= codec.MAX_LINE_BYTES + 100_000
    found += list(reader.feed(b"xxx\n" + encode_line(COMMANDS[-1])))
    assert [type(one) for one in found] == [ProtocolError, say.FreeSlot]


def test_a_message_over_the_limit_is_not_sent() -> None:
    with pytest.raises(ValueError, match="limit"):
        encode_line(say.UseRing(path="x" * codec.MAX_LINE_BYTES, num_slots=1, slot_bytes=1))


def test_every_message_is_frozen_and_has_its_own_tag() -> None:
    kinds = [*say.Command.__args__, *say.Event.__args__]
    tags = [kind.__struct_config__.tag for kind in kinds]
    assert len(set(tags)) == len(tags)
    for kind in kinds:
        assert issubclass(kind, Message)
        config = kind.__struct_config__
        assert config.frozen, kind
        assert config.forbid_unknown_fields, kind
