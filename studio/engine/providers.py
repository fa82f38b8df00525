"""Which hardware runs the graphs: what was wished, what was really got, and why they differ."""

import ctypes
import functools
import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import onnxruntime

Wish = Literal["auto", "cpu", "cuda"]
Provider = Literal["CPU", "CUDA"]

CPU_PROVIDER: Final = "CPUExecutionProvider"
CUDA_PROVIDER: Final = "CUDAExecutionProvider"

# CUDA 13 needs this driver, and a card of the Turing generation.
# Source: NVIDIA's CUDA 13 release notes; reference/ecosystem.md §3.
MIN_CUDA: Final = 13000
MIN_DRIVER: Final = 580
MIN_CAPABILITY: Final = (7, 5)

_CUDA_OPTIONS: Final = {
    # EXHAUSTIVE tunes again at every new shape; DEFAULT is the fallback (onnxruntime#22705).
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
    # What is kept is fp32 on its provider (DESIGN §4); TF32 rounds to 10 bits.
    "use_tf32": "0",
}
_ERRORS_ONLY: Final = 3
_logger = logging.getLogger(__name__)

MakeSession = Callable[..., Any]


class Driver(msgspec.Struct, frozen=True):
    """What the graphics driver says of itself.

    Attributes:
        is_found: Its library could be opened.
        cuda: Highest CUDA version it knows, 13020 for 13.2; 0 when it does not say.
        version: Its own version's first number, 0 when unknown.
        num_cards: How many cards it sees.
        capability: Of the first card.
    """

    is_found: bool
    cuda: int = 0
    version: int = 0
    num_cards: int = 0
    capability: tuple[int, int] = (0, 0)


class OpenedSession(msgspec.Struct, frozen=True):
    """A session and the truth about it; `fallback_reason` is "" when the wish was met."""

    session: Any
    provider: Provider
    fallback_reason: str


def list_providers() -> tuple[str, ...]:
    """Give what this build of the runtime could use, best first, whether or not it works here."""
    return tuple(onnxruntime.get_available_providers())


def runtime_version() -> str:
    """Give the version of the runtime."""
    return str(onnxruntime.__version__)


def num_physical_cores() -> int:
    """Give how many cores this process may use, two threads of one core counted once."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, os.cpu_count() or 1)
    usable = os.sched_getaffinity(0)
    cores = set()
    for number in usable:
        siblings = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
        try:
            cores.add(siblings.read_text(encoding="ascii"))
        except OSError:
            cores.add(str(number))
    return max(1, len(cores))


def ask_driver() -> Driver:
    """Ask the NVIDIA driver's own library, without loading anything large."""
    try:
        library = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return Driver(is_found=False)
    cuda, cards, major, minor = (ctypes.c_int(0) for _ in range(4))
    library.cuDriverGetVersion(ctypes.byref(cuda))
    if library.cuInit(0) == 0:
        library.cuDeviceGetCount(ctypes.byref(cards))
    if cards.value:
        library.cuDeviceGetAttribute(ctypes.byref(major), 75, 0)
        library.cuDeviceGetAttribute(ctypes.byref(minor), 76, 0)
    return Driver(
        is_found=True,
        cuda=cuda.value,
        version=_driver_version(),
        num_cards=cards.value,
        capability=(major.value, minor.value),
    )


def explain_no_cuda(driver: Driver, offered: tuple[str, ...], *, platform: str) -> str:
    """Give in one sentence why CUDA cannot be used here, or "" when nothing speaks against it."""
    if platform == "darwin":
        return "Running on the CPU: there is no CUDA on macOS."
    if CUDA_PROVIDER not in offered:
        return "Running on the CPU: the installed runtime has no part for graphics cards."
    if not driver.is_found:
        return "Running on the CPU: no NVIDIA graphics driver was found."
    if 0 < driver.cuda < MIN_CUDA:
        found = f"{driver.version}, " if driver.version else ""
        return f"Running on the CPU: the graphics driver is too old ({found}needs {MIN_DRIVER})."
    if driver.num_cards == 0:
        return "Running on the CPU: the graphics driver finds no graphics card."
    if (0, 0) < driver.capability < MIN_CAPABILITY:
        return "Running on the CPU: the graphics card is too old (needs a GTX 16 or RTX 20)."
    return ""


def session_options(num_threads: int | None = None) -> Any:  # noqa: ANN401 - the runtime has no types
    """Give the options of every session of ours.

    Args:
        num_threads: None for one thread per physical core.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = num_threads or num_physical_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # All sessions of a model share one arena, and none plans its memory on its own: the three
    # sessions of the largest model of ours then need 346 MiB instead of 419, at the same speed.
    _share_arena()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.enable_mem_pattern = False
    # Spinning threads heat an idle laptop and win nothing (measured: ecosystem.md §3).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Not `session.set_denormal_as_zero`: it changes the arithmetic of the calling thread for good,
    # and with it everything else that a process of the command line computes.
    return options


def open_session(
    graph: bytes,
    wish: Wish,
    *,
    captures: bool = False,
    make_session: MakeSession = onnxruntime.InferenceSession,
) -> OpenedSession:
    """Open a graph on the best hardware that the wish allows.

    Args:
        graph: The ONNX file, walked before.
        wish: "auto" and "cuda" take CUDA where it works, "cpu" never.
        captures: Whether a card shall repeat a run as one captured piece (a CUDA graph); its
            inputs and outputs must then stay where they are, and no run can be ended.
        make_session: What makes a session; tests put a stand-in here.

    Raises:
        Exception: Of the runtime, when it cannot read the graph on the CPU either.
    """
    onnxruntime.set_default_logger_severity(_ERRORS_ONLY)
    reason = reason_for_cpu(wish)
    if reason is not None:
        return OpenedSession(_on_cpu(graph, make_session), "CPU", reason)
    return _on_cuda(graph, make_session, captures=captures)


def reason_for_cpu(wish: Wish) -> str | None:
    """Give why the CPU computes, "" where that is wished; None when CUDA is worth a try."""
    if wish == "cpu":
        return ""
    return explain_no_cuda(ask_driver(), list_providers(), platform=sys.platform) or None


@functools.cache  # once in a process
def _share_arena() -> None:
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(memory, None)


def _on_cuda(graph: bytes, make_session: MakeSession, *, captures: bool) -> OpenedSession:
    """Try CUDA. A list of only CUDA still falls back without an error: ask what was got."""
    reason = "Running on the CPU: the graphics card's libraries could not be loaded."
    try:
        onnxruntime.preload_dlls()
        own = {**_CUDA_OPTIONS, "enable_cuda_graph": "1" if captures else "0"}
        providers = [(CUDA_PROVIDER, own), CPU_PROVIDER]
        session = make_session(graph, session_options(), providers=providers)
    except Exception as error:  # noqa: BLE001 - the runtime raises classes of its own, by vendor
        _logger.warning("CUDA: %s", error)
        return OpenedSession(_on_cpu(graph, make_session), "CPU", reason)
    if session.get_providers()[0] != CUDA_PROVIDER:
        return OpenedSession(session, "CPU", reason)
    return OpenedSession(session, "CUDA", "")


def _on_cpu(graph: bytes, make_session: MakeSession) -> Any:  # noqa: ANN401 - see session_options
    return make_session(graph, session_options(), providers=[CPU_PROVIDER])


def _driver_version() -> int:
    try:
        told = Path("/proc/driver/nvidia/version").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"\b(\d{3})\.\d+", told)
    return int(found[1]) if found else 0
