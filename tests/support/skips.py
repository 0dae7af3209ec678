"""A skipped test has tested nothing: with CI=true that is a failure. Tests that lack public data are counted aloud."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LACKS_DATA = "needs the data of "


def data_folder() -> Path:
    """The folder with the public data: CODESIGN_DATA, else ../shared/data beside the checkout."""
    return Path(os.environ.get("CODESIGN_DATA") or ROOT.parent / "shared" / "data")


def in_ci() -> bool:
    """Whether a continuous integration runs us."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.fixture
def data() -> Path:
    """The folder with the public data; use it with the mark ``needs_data``."""
    return data_folder()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose data is not there."""
    for mark in item.iter_markers("needs_data"):
        for name in mark.args or ("",):
            if not (data_folder() / name).exists():
                pytest.skip(f"{LACKS_DATA}{name or data_folder()}")


def _skipped(config: pytest.Config) -> tuple[list[str], list[str]]:
    """Names of skipped tests: those that lack data, and all others."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    without_data, others = [], []
    for report in reporter.stats.get("skipped", []) if reporter else []:
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        (without_data if LACKS_DATA in reason else others).append(report.nodeid)
    return without_data, others


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With CI=true a skipped test fails the run."""
    is_worker = hasattr(session.config, "workerinput")
    if in_ci() and not is_worker and exitstatus == pytest.ExitCode.OK and _skipped(session.config)[1]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests were left out, and why that matters."""
    without_data, others = _skipped(config)
    if without_data:
        terminalreporter.write_line(
            f"{len(without_data)} tests were left out: they need public data that is not in {data_folder()} "
            "(set CODESIGN_DATA to its folder).",
            yellow=True,
        )
    if others and in_ci():
        terminalreporter.write_line(f"CI=true and {len(others)} tests were skipped: that is a failure.", red=True)
        for name in others:
            terminalreporter.write_line(f"  {name}", red=True)
