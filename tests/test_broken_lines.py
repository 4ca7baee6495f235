"""The list of lines that `break_lines.py` breaks stays true."""

from __future__ import annotations

import pytest
from break_lines import CHECKOUT, HERE, Broken, broken_lines


@pytest.mark.parametrize("row", broken_lines(), ids=lambda row: row.what)
def test_a_line_that_is_to_be_broken_stands_there_once_and_its_tests_exist(row: Broken) -> None:
    lines = (CHECKOUT / row.file).read_text(encoding="utf-8").splitlines()
    assert lines.count(row.line) == 1 and row.becomes != row.line
    assert all((HERE / name).is_file() for name in row.tests.split())
