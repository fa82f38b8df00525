"""Entry point: chooses by the first word what to import, so that nothing heavy is loaded early."""

import gc
import sys


def main() -> int:
    """Run the command line or open the window; gives the exit status."""
    words = sys.argv[1:]
    if words and _is_file(words[0]):
        words = ["window", *words]
    if not words or words[0] in ("window", "bench-window"):
        # Until the window is shown (`compose.open_window`): looking for garbage among all that is made
        # takes 0.1 s.
        gc.disable()
        if words[:1] == ["bench-window"]:
            from studio.bench_window import run_bench_window

            return run_bench_window(words[1:])
        from studio.compose import run_window

        return run_window(words[1:])
    if words[0] == "engine":
        from studio.engine.host import run_engine

        return run_engine(words[1:])
    if words[0] == "trainer":
        from studio.training.worker import run_trainer

        return run_trainer(words[1:])
    if words[0] == "opener":
        from studio.opener.host import run_opener

        return run_opener(words[1:])
    if words[0] == "trial":
        from studio.engine.trial_host import run_trial

        return run_trial(words[1:])
    from studio.cli.commands import run_command

    return run_command(words)


def _is_file(word: str) -> bool:
    """Say whether a word is a file to open and not a command: those have neither dot nor slash."""
    import os

    return ("." in word or os.sep in word) and os.path.exists(word)  # noqa: PTH110 - pathlib is slow


if __name__ == "__main__":
    sys.exit(main())
