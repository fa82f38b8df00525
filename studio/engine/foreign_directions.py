"""Directions for a graph from elsewhere: found in its first weights and in what is seen of it.

A foreign graph has no mapping whose latents could be looked at: its latents are equal in all
directions. Two places tell something. The first matrix: what it makes largest (SeFa). The
pictures: which numbers of the latent change what φ sees (a linear fit of φ's features). All
candidates are measured by what they change in φ, and the most visible that are not alike stay.

Shape legend: N pictures, Z numbers of the latent, F features, M directions, R rows of the matrix.

Source: Shen and Zhou, "Closed-Form Factorization of Latent Semantics in GANs".
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from studio.core.arrays import Picture
from studio.core.directions import DirectionEntry, DirectionSet, direction_id
from studio.core.latent import FloatArray
from studio.engine.features import FeatureNetwork
from studio.opener.onnx_walk import FLOAT, WalkedGraph

NUM_DIRECTIONS: Final = 12
_PER_SOURCE: Final = 10
_MOST_DRAWS: Final = 320
_FEWEST_DRAWS: Final = 48
_SECONDS: Final = 45.0
_PROBES: Final = 3
_REACH: Final = 3.0
# Directions whose cosine is larger do nearly the same.
_ALIKE: Final = 0.6
_LEAST_SHARE: Final = 0.15
_RIDGE: Final = 1.0
_FULL_RANK: Final = 1e-6
CLASS_STEP: Final = 3.0
_WHOLE: Final = ("coarse", "medium", "fine")

Draw = Callable[[FloatArray], list[Picture]]
Tell = Callable[[float, str], None]


class DirectionSearch:
    """Looks for directions of one graph.

    Attributes:
        seconds: How long one picture takes.
    """

    def __init__(
        self, draw: Draw, *, num_z: int, width: int, network: FeatureNetwork, tell: Tell
    ) -> None:
        """Take what makes pictures.

        Args:
            draw: w [N, D] → pictures.
            num_z: Z: the first numbers of w are random, others are classes.
            width: D.
            network: φ.
            tell: Called with how far the search is, 0…1.
        """
        self._draw, self._network, self._tell = draw, network, tell
        self._num_z, self._width = num_z, width
        # Not the middle, z = 0: a graph that makes all latents the same length has no picture there.
        some_NZ = np.random.RandomState(5).standard_normal((1, num_z)).astype(np.float32)
        begin_s = time.monotonic()
        self._features(self._w(some_NZ))
        self.seconds = time.monotonic() - begin_s

    def find(self, matrix_RZ: FloatArray | None) -> list[tuple[FloatArray, str, float]]:
        """Give unit vectors [Z] with how they were found and their change in φ, most visible first.

        Args:
            matrix_RZ: The first weights, None when there are none.
        """
        candidates = [] if matrix_RZ is None else self._from_weights(matrix_RZ)
        candidates += self._from_pictures()
        if not candidates:
            candidates = [(row, "axis") for row in np.eye(self._num_z, dtype=np.float32)[:24]]
        probes_NZ = np.random.RandomState(11).standard_normal((_PROBES, self._num_z))
        measured = []
        for number, (vector_Z, source) in enumerate(candidates):
            self._tell(0.6 + 0.4 * number / len(candidates), "measuring the sliders")
            change = self._change(vector_Z, probes_NZ.astype(np.float32))
            measured.append((vector_Z, source, change))
        return _most_visible(measured)

    def _from_weights(self, matrix_RZ: FloatArray) -> list[tuple[FloatArray, str]]:
        _, sizes, rows = np.linalg.svd(matrix_RZ.astype(np.float64), full_matrices=False)
        kept = rows[sizes > _FULL_RANK * max(float(sizes[0]), 1e-30)][:_PER_SOURCE]
        return [(_steady(row), "sefa") for row in kept]

    def _from_pictures(self) -> list[tuple[FloatArray, str]]:
        """Fit φ's features linearly to the latent; its main directions change most that φ sees."""
        count = int(min(_MOST_DRAWS, _SECONDS / max(self.seconds, 1e-3)))
        if count < _FEWEST_DRAWS or self._num_z < 2:
            return []
        z_NZ = np.random.RandomState(7).standard_normal((count, self._num_z)).astype(np.float32)
        rows = []
        for number, z_Z in enumerate(z_NZ):
            self._tell(0.6 * number / count, "looking for sliders")
            rows.append(self._features(self._w(z_Z[None])))
        features_NF = np.stack(rows) - np.mean(rows, axis=0)
        square_ZZ = z_NZ.T @ z_NZ + _RIDGE * count * 0.1 * np.eye(self._num_z)
        fit_ZF = np.linalg.solve(square_ZZ, z_NZ.T @ features_NF)
        columns, _, _ = np.linalg.svd(fit_ZF, full_matrices=False)
        return [(_steady(column), "features") for column in columns.T[:_PER_SOURCE]]

    def _change(self, vector_Z: FloatArray, probes_NZ: FloatArray) -> float:
        changes = []
        for probe_Z in probes_NZ:
            ends = [
                self._features(self._w((probe_Z + sign * _REACH * vector_Z)[None]))
                for sign in (-1, 1)
            ]
            changes.append(float(np.linalg.norm(ends[1] - ends[0])))
        return float(np.mean(changes))

    def _features(self, w_ND: FloatArray) -> FloatArray:
        features_F: FloatArray = self._network.embed(np.stack(self._draw(w_ND)))[0]
        return features_F

    def _w(self, z_NZ: FloatArray) -> FloatArray:
        w_ND = np.zeros((len(z_NZ), self._width), dtype=np.float32)
        w_ND[:, : self._num_z] = z_NZ
        if self._width > self._num_z:
            w_ND[:, self._num_z] = 1
        return w_ND


def direction_set(
    found: Sequence[tuple[FloatArray, str, float]],
    *,
    width: int,
    classes: Sequence[str] = (),
    shown: Callable[[FloatArray], FloatArray] = lambda step_D: step_D,
) -> DirectionSet:
    """Give the directions of a model's folder: what was found, then a slider for each other class.

    Args:
        found: As `DirectionSearch.find` gives them.
        width: D.
        classes: Names of the classes; the first is the one that is shown.
        shown: Turns a step over one layer into the step that is stored.
    """
    entries, steps = [], []
    num_z = width - len(classes)
    axes_KD = np.zeros((max(len(found), 1), width), dtype=np.float32)
    axes_KD[0, 0] = 1
    for number, (vector_Z, source, _) in enumerate(found):
        step_D = np.zeros(width, dtype=np.float32)
        step_D[:num_z] = vector_Z
        axes_KD[number] = step_D
        step_D = shown(step_D)
        entries.append(DirectionEntry(direction_id(step_D), f"form {number + 1}", _WHOLE, source))
        steps.append(step_D)
    for number, name in enumerate(classes[1:], start=1):
        step_D = np.zeros(width, dtype=np.float32)
        step_D[num_z + number] = CLASS_STEP
        entries.append(DirectionEntry(direction_id(step_D), name, _WHOLE, "class"))
        steps.append(step_D)
    mean_D = np.zeros(width, dtype=np.float32)
    if classes:
        mean_D[num_z] = 1
    return DirectionSet(
        mean_D, axes_KD, np.ones(len(axes_KD), dtype=np.float32), tuple(entries), np.stack(steps)
    )


def first_matrix(graph: WalkedGraph, latent: str, *, num_z: int) -> FloatArray | None:
    """Give the weights [R, Z] that the latent meets first; None when they are not to be found."""
    followed = {latent}
    tables = {table.name: table for table in graph.tables}
    passing = ("Reshape", "Cast", "Unsqueeze", "Squeeze", "Flatten", "Identity", "Transpose")
    for node in graph.nodes:
        if not node.inputs or node.inputs[0] not in followed:
            continue
        if node.operator in passing:
            followed.update(node.outputs)
        elif node.operator in ("Gemm", "MatMul", "Conv", "ConvTranspose"):
            table = tables.get(node.inputs[1]) if len(node.inputs) > 1 else None
            if table is None:
                return None
            return _rows(table.raw, operator=node.operator, num_z=num_z)
    return None


def _rows(raw: memoryview, *, operator: str, num_z: int) -> FloatArray | None:
    """Give a stored table as a matrix whose columns belong to the latent's numbers."""
    import onnx  # noqa: PLC0415 - only when a model comes in

    from studio.opener.protobuf_wire import read_fields  # noqa: PLC0415

    field = next(iter(read_fields(raw)))
    tensor = onnx.TensorProto.FromString(bytes(field.content))
    if tensor.data_type not in (FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE):
        return None
    values = onnx.numpy_helper.to_array(tensor).astype(np.float32)
    if not np.isfinite(values).all():
        return None
    if operator == "Conv" and values.ndim == 4 and values.shape[1] == num_z:
        values = values.transpose(0, 2, 3, 1).reshape(-1, num_z)
    elif operator == "ConvTranspose" and values.shape[0] == num_z:
        values = values.reshape(num_z, -1).T
    elif values.ndim == 2 and values.shape[0] == num_z:
        values = values.T  # MatMul, and Gemm without transB
    elif values.ndim != 2 or values.shape[1] != num_z:
        return None
    matrix: FloatArray = values
    return matrix


def _most_visible(
    measured: list[tuple[FloatArray, str, float]],
) -> list[tuple[FloatArray, str, float]]:
    kept: list[tuple[FloatArray, str, float]] = []
    ordered = sorted(measured, key=lambda one: -one[2])
    for one in ordered:
        if len(kept) == NUM_DIRECTIONS or one[2] < _LEAST_SHARE * ordered[0][2]:
            break
        if all(abs(float(one[0] @ other[0])) < _ALIKE for other in kept):
            kept.append(one)
    return kept


def _steady(vector: FloatArray) -> FloatArray:
    """Give a unit vector whose largest number is positive, so that a search gives the same again."""
    unit: FloatArray = np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
    turned: FloatArray = unit * np.sign(unit[np.abs(unit).argmax()])
    return turned
