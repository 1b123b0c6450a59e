"""Where a home may lie: below any folder in which DuckDB can keep databases, and dbt open them."""

from __future__ import annotations

import os
import re

import pytest
from source_project import Project

from orchestration.dbt_command import run_dbt
from orchestration.dbt_runner import TransformError
from promisekept.errors import ConfigError


def project_below(folder) -> Project:
    folder.mkdir()
    return Project(folder)


@pytest.mark.parametrize("unfit", ["?", "\\"])
def test_a_home_below_a_folder_in_which_duckdb_finds_no_database_is_rejected_by_name(tmp_path, unfit):
    """DuckDB takes what follows for the parameters of an address, or for another folder, and a run ended with its words."""
    one = re.escape(unfit)
    with pytest.raises(ConfigError, match=rf"home: `.*/why{one}not/home` has a `{one}`, .*; choose another"):
        _ = project_below(tmp_path / f"why{unfit}not").settings


def test_a_home_below_a_folder_whose_name_is_no_utf8_is_rejected_by_name(tmp_path):
    """DuckDB writes no path that is no UTF-8, and a run ended as if the program were at fault."""
    with pytest.raises(ConfigError, match=r"home: `.*/caf\\xe9/home` holds bytes that are no UTF-8, .*; choose another"):
        _ = project_below(tmp_path / os.fsdecode(b"caf\xe9")).settings


def test_dbt_says_why_it_opens_no_database_below_a_folder_with_a_number_sign(tmp_path):
    """It read the name of the database out of half of the path."""
    project = project_below(tmp_path / "C# projects")
    with pytest.raises(TransformError, match=r"home: `.*/C# projects/home` has a `#`, and dbt opens no database"):
        run_dbt(project.settings, ["compile"])
