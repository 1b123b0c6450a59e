"""The rules of the house, each with its remedy: which room may know which, and who may read the clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

from promisekept.sources.contract import contract

ROOT = Path(__file__).resolve().parents[1]
TOOLS = {"dagster", "dagster_dbt", "dbt", "great_expectations", "streamlit", "altair", "duckdb_engine", "fastapi", "uvicorn"}
ROOMS = {"orchestration", "expectations", "dashboards", "http_api"}
CORE = (
    *("config", "sources", "policy", "project", "demo"),
    *("publishing", "remediation", "assessment", "restatement", "retention", "evidence", "monitoring"),
)
"""The rooms of the core in their order."""
SOURCES = ("zone", "extract", "landing")
FORBIDDEN = {
    "promisekept": (TOOLS | ROOMS, "The core knows no tool: move the code to the tool's room and call the core from there."),
    "promisekept/cli": (TOOLS, "The front door calls rooms, not their tools: add a function to the room."),
    **{
        f"promisekept/{room}": (
            {f"promisekept.{later}" for later in CORE[position + 1 :]},
            f"A room of the core opens only those before it ({', '.join(CORE[:position])}). Move the code to the later room.",
        )
        for position, room in enumerate(CORE)
    },
    **{
        f"promisekept/sources/{room}": (
            {f"promisekept.sources.{later}" for later in SOURCES[position + 1 :]},
            "Rows flow from extract through landing into the zone: a room opens only those before it in this list.",
        )
        for position, room in enumerate(SOURCES)
    },
    "http_api": (
        {"orchestration", "expectations", "dashboards", "dagster", "dbt", "great_expectations", "streamlit", "duckdb"}
        | {"promisekept.sources", "promisekept.cli"},
        "The API sees published snapshots only: ask promisekept.publishing.reader.",
    ),
    "expectations": (
        {"orchestration", "dashboards", "dagster", "dbt", "streamlit", "promisekept.evidence"},
        "Gates evaluate; they do not run anything.",
    ),
    "orchestration": ({"dashboards", "streamlit", "promisekept.cli"}, "A run ends at the snapshot; dashboards read it."),
    "dashboards": (
        {"orchestration", "expectations", "dagster", "dbt", "great_expectations", "duckdb", "promisekept.sources"},
        "Dashboards see published snapshots only: ask promisekept.publishing.reader.",
    ),
}
BELOW_CONFIG = "promisekept.sources.contract"
"""The logs as data: the one module of a later room that configuration may read."""
FILE_NAME = re.compile(r"(?<![\w/.*{<-])((?:\w+/)*\w+\.(?:py|sql))\b")
CLOCK = {"now", "utcnow", "today", "time", "time_ns"}
CLOCK_SQL = re.compile(r"\b(current_date|current_timestamp|localtimestamp|now\s*\(|today\s*\(|getdate\s*\()", re.IGNORECASE)


def modules(room: str) -> list[Path]:
    return sorted(file for file in (ROOT / room).rglob("*.py") if "target" not in file.parts)


def imports(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno


def rooms_of(file: Path) -> list[str]:
    inside = file.relative_to(ROOT).as_posix()
    if inside.startswith("promisekept/cli/"):
        return ["promisekept/cli"]
    return [room for room in FORBIDDEN if inside.startswith(room + "/")]


def test_arrows_between_rooms_run_one_way():
    wrong = []
    for file in [file for room in ("promisekept", *ROOMS) for file in modules(room)]:
        for room in rooms_of(file):
            banned, remedy = FORBIDDEN[room]
            for name, line in imports(file):
                if (name, room) != (BELOW_CONFIG, "promisekept/config") and any(
                    name == other or name.startswith(other + ".") for other in banned
                ):
                    wrong.append(f"{file.relative_to(ROOT)}:{line} imports {name}. {remedy}")
    assert not wrong, "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle():
    files = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
             for room in ("promisekept", *ROOMS) for file in modules(room)}  # fmt: skip
    sorter = TopologicalSorter(
        {name: {target for target in imported(file) if target in files and target != name} for name, file in files.items()}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        pytest.fail(f"{' -> '.join(error.args[1])}. Move what both need into a module of its own.")


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports: of `from package import name` the package, and the module of that name if it is one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            found = [name for name in submodules if (ROOT / (name.replace(".", "/") + ".py")).exists()]
            yield from found if len(found) == len(submodules) else [node.module, *found]


def test_docstrings_of_modules_name_files_that_exist():
    wrong = []
    for room in ("promisekept", "tests", "benchmarks", "docs", *ROOMS):
        for file in modules(room):
            docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            folders = [folder for folder in file.parents if folder == ROOT or ROOT in folder.parents]
            wrong += [
                f"{file.relative_to(ROOT)} names {name}. Name a file beside it, or one by its path from its room."
                for name in FILE_NAME.findall(docstring)
                if not any((folder / name).exists() for folder in [*folders, ROOT / "promisekept"])
            ]
    assert not wrong, "\n".join(wrong)


def test_no_room_opens_the_front_door():
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}. The front door opens rooms, never the other way round."
        for room in ("promisekept", *ROOMS)
        for file in modules(room)
        if "promisekept/cli/" not in file.as_posix()
        for name, line in imports(file)
        if name.startswith("promisekept.cli")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_front_door_reads_the_clock():
    allowed = {"orchestration/pipeline.py": {"clock"}, "promisekept/cli/console.py": {"clock"}, "dashboards/clock.py": {"now"}}
    wrong = []
    for file in [file for room in ("promisekept", *ROOMS) for file in modules(room)]:
        inside = file.relative_to(ROOT).as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"))
        permitted = {
            id(call)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and function.name in allowed.get(inside, set())
            for call in ast.walk(function)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK):
                continue
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in {"datetime", "date", "time"} and id(node) not in permitted:
                wrong.append(f"{inside}:{node.lineno} reads the clock. Take the instant as an argument.")
    assert not wrong, "\n".join(wrong)


def test_no_model_reads_the_clock():
    wrong = [
        f"{file.relative_to(ROOT)}: {match.group(0)}. Join run_instants; as_of and known_at are data."
        for file in sorted((ROOT / "dbt_project").rglob("*.sql"))
        for match in CLOCK_SQL.finditer(re.sub(r"--.*", "", file.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_called_utils():
    wrong = [
        f"{file.relative_to(ROOT)}. Name the module after the idea that it holds."
        for room in ("promisekept", "tests", *ROOMS)
        for file in modules(room)
        if file.stem in {"utils", "util", "common", "helpers", "helper", "misc"}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", ["promisekept", *sorted(ROOMS)])
def test_every_module_opens_with_a_charter(room):
    wrong = [
        f"{file.relative_to(ROOT)}. State in a docstring what belongs here and what does not."
        for file in modules(room)
        if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


def test_every_model_has_a_description_that_begins_with_its_grain():
    described = {
        model["name"]
        for file in (ROOT / "dbt_project" / "models").rglob("*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
        if str(model.get("description", "")).startswith(("One row", "At most one row", "No row", "A view"))
    }
    wrong = [
        f"{file.relative_to(ROOT)}. Describe {file.stem} in a YAML beside it, beginning with `One row per ...`."
        for file in sorted((ROOT / "dbt_project" / "models").rglob("*.sql"))
        if file.stem not in described
    ]
    assert not wrong, "\n".join(wrong)


def test_every_mart_has_a_yaml_of_its_own():
    wrong = [
        f"{file.relative_to(ROOT)}. Put {file.stem}.yml beside it: a mart is a contract."
        for folder in ("marts", "audit")
        for file in sorted((ROOT / "dbt_project" / "models" / folder).rglob("*.sql"))
        if not file.with_suffix(".yml").exists()
    ]
    assert not wrong, "\n".join(wrong)


def test_a_reject_weighs_as_much_as_the_contract_allows_at_most():
    """dbt can't read the contract: a macro has its greatest count a second time."""
    macro = ROOT / "dbt_project/macros/metrics/greatest_count.sql"
    most = {column.most for log in contract().values() for column in log.columns if column.kind == "integer"}
    assert [int(number) for number in re.findall(r"\d{6,}", macro.read_text(encoding="utf-8"))] == [min(most)]


def test_no_test_module_is_imported_by_another():
    """A fixture or helper that two share lies in conftest.py or a module of its own, where it is found and collected once."""
    found = [
        f"{file.relative_to(ROOT)}:{line} imports {name}: move what both need into conftest.py or a module beside it"
        for file in modules("tests")
        for name, line in imports(file)
        if name.rpartition(".")[2].startswith("test_")
    ]
    assert found == [], "\n".join(found)
