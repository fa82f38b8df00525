"""The provider that is shown is the one that runs, and the reason is a plain sentence."""

from typing import Any

import pytest

from studio.engine import providers
from studio.engine.providers import CPU_PROVIDER, CUDA_PROVIDER, Driver, explain_no_cuda

OFFERED = (CUDA_PROVIDER, CPU_PROVIDER)
GOOD = Driver(is_found=True, cuda=13020, version=595, num_cards=1, capability=(8, 9))


class FakeSession:
    """A session that got what it was told to get, whatever was asked."""

    def __init__(self, got: str) -> None:
        self._got = got

    def get_providers(self) -> list[str]:
        return [self._got]


def maker(got: str, asked: list[Any], *, error: Exception | None = None) -> Any:  # noqa: ANN401
    def make(_graph: bytes, _options: object, *, providers: list[Any]) -> FakeSession:
        asked.append(providers)
        if error is not None and providers[0] != CPU_PROVIDER:
            raise error
        return FakeSession(got if providers[0] != CPU_PROVIDER else CPU_PROVIDER)

    return make


@pytest.fixture
def with_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that nothing speaks against CUDA."""
    monkeypatch.setattr(providers, "ask_driver", lambda: GOOD)
    monkeypatch.setattr(providers, "list_providers", lambda: OFFERED)
    monkeypatch.setattr("onnxruntime.preload_dlls", lambda: None)


@pytest.mark.parametrize(
    ("driver", "offered", "platform", "sentence"),
    [
        (GOOD, OFFERED, "linux", ""),
        (Driver(is_found=True), OFFERED, "win32", "Running on the CPU: the graphics driver finds no graphics card."),
        (GOOD, OFFERED, "darwin", "Running on the CPU: there is no CUDA on macOS."),
        (GOOD, (CPU_PROVIDER,), "linux", "Running on the CPU: the installed runtime has no part for graphics cards."),
        (Driver(is_found=False), OFFERED, "linux", "Running on the CPU: no NVIDIA graphics driver was found."),
        (
            Driver(is_found=True, cuda=12020, version=535, num_cards=1, capability=(8, 6)), OFFERED, "linux",
            "Running on the CPU: the graphics driver is too old (535, needs 580).",
        ),
        (
            Driver(is_found=True, cuda=12020, num_cards=1), OFFERED, "linux",
            "Running on the CPU: the graphics driver is too old (needs 580).",
        ),
        (
            Driver(is_found=True, cuda=13000, version=580, num_cards=1, capability=(6, 1)), OFFERED, "linux",
            "Running on the CPU: the graphics card is too old (needs a GTX 16 or RTX 20).",
        ),
    ],
)  # fmt: skip
def test_the_reason_is_one_sentence(
    driver: Driver, offered: tuple[str, ...], platform: str, sentence: str
) -> None:
    assert explain_no_cuda(driver, offered, platform=platform) == sentence


def test_a_silent_fallback_is_told(with_card: None) -> None:
    asked: list[Any] = []
    opened = providers.open_session(b"", "cuda", make_session=maker(CPU_PROVIDER, asked))
    assert opened.provider == "CPU"
    assert opened.fallback_reason.startswith("Running on the CPU: ")
    assert asked[0][0][0] == CUDA_PROVIDER


def test_captured_runs_are_asked_for_by_the_providers_option(with_card: None) -> None:
    for captures, option in ((True, "1"), (False, "0")):
        asked: list[Any] = []
        make = maker(CUDA_PROVIDER, asked)
        providers.open_session(b"", "cuda", captures=captures, make_session=make)
        assert asked[0][0][1]["enable_cuda_graph"] == option


def test_a_card_that_works_is_used(with_card: None) -> None:
    asked: list[Any] = []
    opened = providers.open_session(b"", "auto", make_session=maker(CUDA_PROVIDER, asked))
    assert (opened.provider, opened.fallback_reason) == ("CUDA", "")
    name, options = asked[0][0]
    assert name == CUDA_PROVIDER
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"
    assert options["use_tf32"] == "0"


def test_a_card_that_raises_falls_back_with_the_reason(with_card: None) -> None:
    make = maker(CUDA_PROVIDER, [], error=RuntimeError("CUDA failure 100"))
    opened = providers.open_session(b"", "cuda", make_session=make)
    assert opened.provider == "CPU"
    assert "CUDA failure" not in opened.fallback_reason


def test_the_wish_for_the_cpu_never_asks_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Driver:
        raise AssertionError

    monkeypatch.setattr(providers, "ask_driver", never)
    asked: list[Any] = []
    opened = providers.open_session(b"", "cpu", make_session=maker(CUDA_PROVIDER, asked))
    assert (opened.provider, opened.fallback_reason) == ("CPU", "")
    assert asked == [[CPU_PROVIDER]]


def test_threads_are_physical_cores_and_do_not_spin() -> None:
    options = providers.session_options()
    assert options.intra_op_num_threads == providers.num_physical_cores() >= 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
