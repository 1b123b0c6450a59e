"""The models are compiled once for a version of them, for every home, worker and process of a machine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from orchestration import compiling, dbt_runner
from orchestration.compiled_project import CompiledProject, Maintained, Node

NODE = Node("model.a", "a", "model", reads=("model.b",), columns=(("one", "integer"),), maintained=Maintained({"b": "c"}, ("n",)))


@pytest.fixture
def compilations(tmp_path, monkeypatch) -> list[str]:
    """The versions that dbt was asked to compile, of a project in a folder of its own."""
    found: list[str] = []

    def compile_now(version: str) -> CompiledProject:
        found.append(version)
        return CompiledProject(version, {NODE.unique_id: NODE}, {"nodes": {}})

    monkeypatch.setattr(compiling, "_compile", compile_now)
    monkeypatch.setattr(dbt_runner, "PROJECT", tmp_path / "models")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return found


def test_of_two_that_ask_at_once_one_compiles_and_both_get_the_same(compilations):
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(compiling._compiled_once, ["1", "1"])
    assert compilations == ["1"]
    assert one.nodes == other.nodes == {NODE.unique_id: NODE}


def test_where_the_models_lie_read_only_the_users_cache_keeps_it(compilations, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "target").write_text("in the way")
    compiling._compiled_once("1")
    compiling._compiled_once("1")
    assert compilations == ["1"]
    assert list((tmp_path / "cache" / "promisekept").glob("compiled-1-*.json"))


def test_where_neither_can_be_written_each_process_compiles(compilations, tmp_path):
    (tmp_path / "models").write_text("in the way")
    (tmp_path / "cache").write_text("in the way")
    compiling._compiled_once("1")
    assert compiling._compiled_once("1").nodes == {NODE.unique_id: NODE}
    assert compilations == ["1", "1"]


def test_a_damaged_file_is_written_again_and_old_versions_go(compilations, tmp_path):
    for version in range(compiling._KEPT + 1):
        compiling._compiled_once(str(version))
    kept = sorted((tmp_path / "models" / "target").glob("compiled-*.json"))
    assert len(kept) == compiling._KEPT
    kept[-1].write_bytes(kept[-1].read_bytes()[:-5])
    compiling._compiled_once(str(compiling._KEPT))
    assert compilations[-1] == compilations[-2] == str(compiling._KEPT)
