"""Messages as lines of JSON; everything that is not one ends in one `ProtocolError` sentence."""

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

import msgspec

from studio.core.errors import StudioError

PROTOCOL: Final = 1
# The largest message carries a recipe (≤ 1 MiB, core/recipe_json.py) inside a few fields.
MAX_LINE_BYTES: Final = 2 * 1024 * 1024

_WAY_OUT: Final = "Start the program again."


class ProtocolError(StudioError):
    """A line that is not a message of ours."""

    def __init__(self, what: str) -> None:
        super().__init__(what, _WAY_OUT)


class Message(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"
):
    """What every message is made from. `protocol` is the number of the language it speaks."""

    protocol: int = PROTOCOL


class _Peek(msgspec.Struct):
    protocol: int | None = None


M = TypeVar("M", bound=Message)


def encode_line(message: Message) -> bytes:
    """Give the message as one line of UTF-8 JSON with its newline.

    Raises:
        ValueError: The line would be longer than a reader takes.
    """
    line = msgspec.json.encode(message) + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"a message of {len(line)} bytes is over the limit")
    return line


class LineDecoder(Generic[M]):
    """Turns bytes as they come from a pipe into messages of the given kinds."""

    def __init__(self, kinds: Any) -> None:  # noqa: ANN401 - a union of types has no name
        self._decoder: msgspec.json.Decoder[M] = msgspec.json.Decoder(kinds)
        self._buffer = bytearray()
        self._is_skipping = False

    def decode(self, line: bytes) -> M:
        """Give the message of one line (with or without its newline).

        Raises:
            ProtocolError: Over-long, not UTF-8, not JSON, another protocol, an unknown kind, a
                field that is missing, unknown or of another type.
        """
        if len(line) > MAX_LINE_BYTES:
            raise ProtocolError("A message is longer than allowed.")
        try:
            # The decoder alone would let broken UTF-8 pass where it skips over a text.
            line.decode("utf-8")
            message = self._decoder.decode(line)
        except UnicodeDecodeError as error:
            raise ProtocolError("A message is not UTF-8 text.") from error
        except msgspec.ValidationError as error:
            raise ProtocolError(self._explain(line, error)) from error
        except RecursionError as error:
            raise ProtocolError("A message is nested too deeply.") from error
        except msgspec.DecodeError as error:
            raise ProtocolError(f"A message is not JSON ({error}).") from error
        if message.protocol != PROTOCOL:
            raise ProtocolError(_other_protocol(message.protocol))
        return message

    def feed(self, chunk: bytes) -> Iterator[M | ProtocolError]:
        """Give what the lines that are complete now hold, each a message or why it is none.

        An over-long line is dropped as it comes, so that a flood cannot fill the memory.
        """
        for part in chunk.splitlines(keepends=True):
            if not part.endswith(b"\n"):
                self._keep(part)
                continue
            is_dropped, self._is_skipping = self._is_skipping, False
            line = bytes(self._buffer) + part
            self._buffer.clear()
            if is_dropped:
                continue
            try:
                yield self.decode(line)
            except ProtocolError as error:
                yield error
        if len(self._buffer) > MAX_LINE_BYTES and not self._is_skipping:
            self._buffer.clear()
            self._is_skipping = True
            yield ProtocolError("A message is longer than allowed.")

    def _keep(self, part: bytes) -> None:
        if not self._is_skipping:
            self._buffer += part

    @staticmethod
    def _explain(line: bytes, error: msgspec.ValidationError) -> str:
        try:
            spoken = msgspec.json.decode(line, type=_Peek).protocol
        except (msgspec.DecodeError, RecursionError):
            spoken = None
        if spoken is not None and spoken != PROTOCOL:
            return _other_protocol(spoken)
        return f"A message does not fit: {error}."


def _other_protocol(spoken: int) -> str:
    return f"The other side speaks protocol {spoken}, this side {PROTOCOL}."
