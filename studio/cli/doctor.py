"""`studio doctor`: is everything there, and what to do when it is not."""

import argparse
import time
from typing import Any, Final

import msgspec

from studio.cli.checks import (
    Finding,
    check_folders,
    check_machine,
    check_privacy,
    check_program,
    check_window,
)
from studio.cli.machine import (
    Machine,
    describe_machine,
    display_name,
    list_missing_qt_libraries,
)
from studio.cli.output import answer, answer_json, width
from studio.cli.parsers import Subparsers, add_command, add_json
from studio.core.errors import StudioError
from studio.core.recipe import new_recipe
from studio.files.places import resources, shipped_models, studio_home

_EXAMPLES: Final = """  studio doctor
  studio doctor --json
"""
# CUDA 13 asks for these. Source: NVIDIA's CUDA 13 release notes.
_FOR_CUDA: Final = (
    "CUDA needs a GTX 16, RTX 20 or newer card with NVIDIA's driver 580 or newer; "
    "all works without, only slower."
)
_MARKS: Final = {"ok": " ", "remark": "i", "missing": "!"}


class SelfTest(msgspec.Struct, frozen=True):
    """What a real session gave.

    Attributes:
        providers: What the runtime says it can do; it does not always tell the truth.
        provider: What a session really got, None when none could be opened.
        fallback_reason: Why it is not CUDA, "" when it is.
        model: Id of the model that was opened, None when there is none.
        picture_ms: How long one picture took, None when none was made.
        way: How the graph is run, "" when none could be opened.
        runtime: Version of the runtime, "" when unknown.
        problem: What failed, "" when nothing.
        way_out: What to do about it.
    """

    providers: tuple[str, ...] = ()
    provider: str | None = None
    fallback_reason: str = ""
    model: str | None = None
    picture_ms: float | None = None
    way: str = ""
    runtime: str = ""
    problem: str = ""
    way_out: str = ""


def add_parser(subparsers: Subparsers) -> None:
    """Add `doctor`."""
    parser = add_command(
        subparsers,
        "doctor",
        purpose="check this machine and say what is missing",
        detail="Leaves with 1 when something needed is missing; no graphics card is no failure.",
        examples=_EXAMPLES,
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Check everything and tell."""
    machine = describe_machine()
    test = try_engine()
    findings = list_findings(machine, test)
    is_ready = all(finding.state != "missing" for finding in findings)
    if args.json:
        answer_json(_fields(machine, test, findings=findings, is_ready=is_ready))
    else:
        answer(report_text(findings))
    return 0 if is_ready else 1


def list_findings(machine: Machine, test: SelfTest) -> list[Finding]:
    """Give every finding, by topic."""
    home = studio_home()
    folders = [
        ("your pictures", home, True),
        ("your models", home / "models", True),
        ("shipped models", shipped_models(), False),
        ("resources", resources(), False),
    ]
    return [
        *check_program(machine.python),
        *check_machine(machine),
        *check_engine(test),
        *check_folders(folders),
        *check_window(
            resources() / "fonts", display=display_name(), missing=list_missing_qt_libraries()
        ),
        *check_privacy(),
    ]


def try_engine() -> SelfTest:
    """Open the first model, make one picture, and say what a session really got."""
    try:
        from studio.cli.model_choice import choose_model, open_library  # noqa: PLC0415
        from studio.engine.providers import list_providers, runtime_version  # noqa: PLC0415
        from studio.engine.session import GeneratorModel  # noqa: PLC0415
    except ImportError as error:
        way_out = "Run `bash packaging/run.sh` again: it brings what is missing."
        return SelfTest(problem=f"The engine cannot start ({error}).", way_out=way_out)
    providers = tuple(list_providers())
    try:
        model = choose_model(open_library(), None)
        engine = GeneratorModel.open(model.folder, wish="auto")
        engine.render(new_recipe(model.card.model, 1))
        begin_s = time.perf_counter()
        engine.render(new_recipe(model.card.model, 2))  # another: what is there costs nothing
    except StudioError as error:
        return SelfTest(providers=providers, problem=error.what, way_out=error.way_out)
    return SelfTest(
        providers=providers,
        provider=engine.provider,
        fallback_reason=engine.fallback_reason,
        model=model.card.id,
        picture_ms=round((time.perf_counter() - begin_s) * 1000, 1),
        way=engine.way,
        runtime=runtime_version(),
    )


def check_engine(test: SelfTest) -> list[Finding]:
    """Give the findings of a real session."""
    found = []
    if test.providers:
        found.append(Finding("Engine", "runtime offers", ", ".join(test.providers)))
    if test.problem:
        return [*found, Finding("Engine", "first picture", test.problem, "missing", test.way_out)]
    if test.fallback_reason:
        found.append(Finding("Engine", "hardware", test.fallback_reason, "remark", _FOR_CUDA))
    else:
        found.append(Finding("Engine", "hardware", test.provider or "nothing"))
    if test.runtime:
        found.append(Finding("Engine", "runtime", f"ONNX Runtime {test.runtime}"))
    if test.way:
        found.append(Finding("Engine", "graph", test.way))
    text = f"{test.picture_ms:g} ms with {test.model}"
    return [*found, Finding("Engine", "one picture", text)]


def report_text(findings: list[Finding]) -> str:
    """Give the findings under their topics, and at the end what to do."""
    columns = max(width(finding.name) for finding in findings)
    lines: list[str] = []
    topic = ""
    for finding in findings:
        if finding.topic != topic:
            topic = finding.topic
            lines += ["", topic] if lines else [topic]
        space = " " * (columns - width(finding.name))
        lines.append(f"{_MARKS[finding.state]} {finding.name}{space}  {finding.value}")
    missing = [finding for finding in findings if finding.state == "missing"]
    remarks = [finding for finding in findings if finding.state == "remark" and finding.way_out]
    lines.append("")
    if missing:
        lines.append("What to do:")
        lines += [f"  {finding.name}: {finding.way_out}" for finding in missing]
    else:
        lines.append("Everything needed is there.")
    if remarks:
        lines.append("Good to know:")
        lines += [f"  {finding.name}: {finding.way_out}" for finding in remarks]
    return "\n".join(lines)


def _fields(
    machine: Machine, test: SelfTest, *, findings: list[Finding], is_ready: bool
) -> dict[str, Any]:
    return {
        "schema": 1,
        "is_ready": is_ready,
        "machine": msgspec.to_builtins(machine),
        "engine": msgspec.to_builtins(test),
        "findings": msgspec.to_builtins(findings),
    }
