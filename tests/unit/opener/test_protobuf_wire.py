"""The wire format is read and written as protobuf itself does."""

from hypothesis import given
from hypothesis import strategies as st
from onnx import AttributeProto, TensorProto

from studio.opener import protobuf_wire as wire


@given(
    st.sampled_from(["", "w", "名字"]),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(width=32, allow_nan=False),
)
def test_what_is_written_is_read_by_protobuf(name: str, number: int, fraction: float) -> None:
    raw = (
        wire.write_bytes_field(1, name.encode())
        + wire.write_float_field(2, fraction)
        + wire.write_number_field(3, number)
    )
    read = AttributeProto.FromString(raw)
    assert (read.name, read.f, read.i) == (name, fraction, number)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)), st.binary(max_size=40))
def test_what_protobuf_writes_is_read(numbers: list[int], content: bytes) -> None:
    raw = TensorProto(dims=numbers, raw_data=content, name="n").SerializeToString()
    fields = list(wire.read_fields(memoryview(raw)))
    dims = [value for field in fields if field.number == 1 for value in wire.read_numbers(field)]
    assert dims == numbers
    assert [bytes(field.content) for field in fields if field.number == 9] in ([content], [])
    assert b"".join(bytes(field.raw) for field in fields) == raw


@given(st.binary(max_size=300))
def test_random_bytes_end_in_a_value_error_or_in_fields(raw: bytes) -> None:
    try:
        fields = list(wire.read_fields(memoryview(raw)))
    except ValueError:
        return
    assert b"".join(bytes(field.raw) for field in fields) == raw
