"""Figures, queries and descriptions of a snapshot, by the command and by `promisekept.open`; the page on them is tried."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml
from published_demo import copy_published_demo
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

import promisekept
from orchestration.dbt_runner import DbtRunner
from promisekept.cli.app import app
from promisekept.errors import PublishingError
from promisekept.publishing.export_log import entries

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "take-figures-elsewhere.md"
BI_PAGE = PAGE.with_name("figures-in-bi-tools.md")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_published_demo(tmp_path_factory.mktemp("figures") / "larkfield", tmp_path_factory)


@pytest.fixture(scope="module")
def snapshot(demo: Path):
    with promisekept.open(demo) as opened:
        yield opened


def typed(demo: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--config", str(demo)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def in_ascii(demo: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("promisekept")
    command = [str(program), *words, "--config", str(demo)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done


def test_figures_by_month_and_dimension_are_the_counts_of_their_requests(snapshot):
    """Counted again from the facts: requests that fell due in July, by jurisdiction."""
    found = snapshot.figures("deadline_adherence", by=["month", "jurisdiction"], period="2026-07").to_pylist()
    counted = snapshot.query(
        """
        select jurisdiction, count(*) filter (status = 'closed_on_time') as on_time, count(*) as due
        from marts.fct_requests
        where due_date between date '2026-07-01' and date '2026-07-31'
            and status in ('closed_on_time', 'closed_late', 'open_overdue') and regime_code <> 'DECLARED'
        group by jurisdiction
        """
    ).to_pylist()
    expected = {row["jurisdiction"]: (row["on_time"], row["due"]) for row in counted}
    assert len(expected) > 10
    assert {row["dimension_value"]: (row["numerator"], row["denominator"]) for row in found if row["denominator"]} == expected
    assert {(str(row["period_start"]), str(row["period_end"])) for row in found} == {("2026-07-01", "2026-08-01")}


@pytest.mark.parametrize("words", [("figures",), ("query", "select 'ü' as one", "--format", "csv")])
def test_a_terminal_that_lacks_a_character_is_given_its_number(demo, words):
    """Where standard output was not UTF-8, these ended as if the program were at fault."""
    done = in_ascii(demo, *words)
    assert re.search(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4})", done.stdout), done.stdout
    assert done.stdout.isascii()


def test_json_for_an_output_that_is_not_utf8_is_ascii_and_means_the_same(demo):
    done = in_ascii(demo, "query", "select 'ü—😀' as one", "--format", "json")
    assert json.loads(done.stdout) == [{"one": "ü—😀"}]
    assert done.stdout.isascii()


def test_a_period_without_a_grain_is_one_figure_and_with_a_finer_one_its_parts(snapshot):
    whole = snapshot.figures("deadline_adherence", period="2026-Q2").to_pylist()
    parts = snapshot.figures("deadline_adherence", by=["month"], period="2026-Q2").to_pylist()
    assert [row["period_grain"] for row in whole] == ["quarter"]
    assert [str(row["period_start"]) for row in parts] == ["2026-04-01", "2026-05-01", "2026-06-01"]
    for column in ("numerator", "denominator"):
        assert sum(row[column] for row in parts) == whole[0][column]


def test_without_a_metric_all_that_have_the_dimension_are_answered(snapshot):
    found = set(snapshot.figures(by=["recipient_id"])["metric_code"].to_pylist())
    assert "agreement_coverage" in found
    assert "deadline_adherence" not in found


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"metrics": ["deadline_adherance"]}, "Did you mean deadline_adherence"),
        ({"metrics": ["deadline_adherence"], "by": ["recipient_id"]}, "Its dimensions: .*jurisdiction.*month, quarter, year"),
        ({"by": ["planet"]}, "no metric is published by `planet`"),
        ({"by": ["channel", "right_type"]}, "more than one dimension"),
        ({"by": ["month", "year"]}, "more than one period"),
        ({"period": "2026-13"}, "`2026-13` is no period"),
    ],
)
def test_what_is_not_published_is_named_with_what_is(snapshot, asked, message):
    with pytest.raises(PublishingError, match=message):
        snapshot.figures(*asked.pop("metrics", ()), **asked)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select 1; select 2", "not one statement"),
        ("", "not one statement"),
        ("delete from marts.fct_requests", "no SELECT but DELETE"),
        ("copy marts.fct_requests to 'out.csv'", "no SELECT but COPY"),
        ("attach 'other.duckdb'", "no SELECT but ATTACH"),
        ("set enable_external_access = true", "no SELECT but SET"),
        ("select * from read_csv('/etc/passwd')", "Permission Error"),
        ("select nothing from marts.fct_requests", "can't be answered: Binder Error"),
        ("select from where", "can't be answered: Parser Error"),
    ],
)
def test_a_query_reads_the_snapshot_and_nothing_else(snapshot, query, message):
    with pytest.raises(PublishingError, match=message):
        snapshot.query(query)


def test_the_file_describes_its_tables_and_columns_as_the_models_do(snapshot):
    tables = snapshot.describe().to_pylist()
    marts = [row for row in tables if row["schema"] == "marts"]
    assert {"fct_requests", "fct_metrics", "rpt_scope", "audit_sources"} <= {row["name"] for row in marts}
    assert [row["name"] for row in marts if not row["description"]] == []
    file = next((ROOT / "dbt_project" / "models" / "marts").rglob("fct_requests.yml"))
    (model,) = yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    stated = [(one["name"], one.get("description")) for one in model["columns"]]
    assert [(row["name"], row["description"]) for row in snapshot.describe("fct_requests").to_pylist()] == stated
    columns = {row["name"]: snapshot.describe(f"marts.{row['name']}").to_pylist() for row in marts}
    assert {name: [one["name"] for one in several if not one["description"]] for name, several in columns.items()} == {
        name: [] for name in columns
    }
    with pytest.raises(PublishingError, match="Did you mean fct_requests"):
        snapshot.describe("fct_request")


def test_the_command_prints_what_a_figure_is_out_of(demo):
    text = typed(demo, "figures", "deadline_adherence", "--by", "quarter")
    assert re.search(r"Answered on time +Q3 2026 +9\d\.\d% +1,\d{3} of 1,\d{3} ", text)


def test_a_metric_is_described_by_what_it_counts(demo):
    text = typed(demo, "describe", "deadline_adherence")
    assert "Denominator         closed on time + closed late + open and overdue\n" in text
    assert "Dimensions          all, jurisdiction, regime_code, right_type, channel, source\n" in text
    assert (
        "strict_status = 'closed_on_time'"
        in json.loads(typed(demo, "describe", "deadline_adherence_strict", "--format", "json"))["numerator_sql"]
    )


def test_a_stranger_is_led_from_a_name_to_its_code_and_from_a_table_to_its_schema(demo):
    text = typed(demo, "figures", "--period", "2026-Q3")
    assert re.search(r"^Code +Metric +Period ", text)
    assert re.search(r"\ndeadline_adherence +Answered on time +Q3 2026 ", text)
    with pytest.raises(PublishingError, match=r"Did you mean deadline_adherence\?"):
        typed(demo, "figures", "Answered on time")
    with pytest.raises(PublishingError, match=r"Did you mean marts\.fct_requests\?"):
        typed(demo, "query", "select * from fct_requests")


def test_csv_and_json_hold_the_same_rows(demo):
    asked = ("figures", "deadline_adherence", "median_days_to_close", "--by", "month", "--period", "2026-Q1")
    rows = list(csv.DictReader(io.StringIO(typed(demo, *asked, "--format", "csv"))))
    assert [(row["metric_code"], row["period_start"]) for row in rows] == [
        (row["metric_code"], row["period_start"]) for row in json.loads(typed(demo, *asked, "--format", "json"))
    ]
    assert len(rows) == 6


def test_a_terminal_is_shown_the_first_rows_and_how_many_there_are(demo):
    text = typed(demo, "query", "select request_id from marts.fct_requests")
    assert re.search(r"\n200 of 12,\d{3} rows are shown; --format csv prints all.\n$", text)


@pytest.mark.parametrize(("page", "number"), [(PAGE, 9), (BI_PAGE, 3)])
def test_every_command_of_the_page_does_what_it_states(demo, tmp_path, monkeypatch, page, number):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^promisekept (.+?)(?: > \S+)?$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == number
    for command in commands:
        words = shlex.split(command)
        assert typed(demo, *words[: words.index("--config")]), command


def test_a_workbook_has_typed_cells_and_a_csv_its_encoding(demo, snapshot, tmp_path):
    """So that a spreadsheet in any language reads the same numbers, dates and letters."""
    book, lines = tmp_path / "a.xlsx", tmp_path / "a.csv"
    typed(demo, "figures", "deadline_adherence", "--by", "month", "--output", str(book))
    header, *rows = CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    published = snapshot.figures("deadline_adherence", by=["month"]).to_pylist()
    kept = [{name: float(f"{cell:.16g}") if isinstance(cell, float) else cell for name, cell in row.items()} for row in published]
    assert [dict(zip(header, row, strict=True)) for row in rows] == kept, "a spreadsheet shows 15 digits of a number"
    select = "select '=1+1' as text, 'Müller' as name, date '2026-07-01' as day, 0.5::decimal(3, 2) as share, null as none"
    typed(demo, "query", select, "--output", str(lines))
    header, cells = ('"text","name","day","share","none"', '"\'=1+1","Müller","2026-07-01","0.50",""')
    assert lines.read_bytes() == f"\ufeff{header}\r\n{cells}\r\n".encode(), "as every CSV that a spreadsheet may open"
    typed(demo, "query", f"{select}, timestamp '2026-07-01 06:00' as at, true as yes", "--output", str(tmp_path / "b.xlsx"))
    _, row = CalamineWorkbook.from_path(tmp_path / "b.xlsx").get_sheet_by_index(0).to_python()
    assert row == ["=1+1", "Müller", date(2026, 7, 1), 0.5, "", datetime(2026, 7, 1, 6), True]  # noqa: DTZ001 as a sheet has it
    for name, message in (("a.xlsx", "nothing is overwritten"), ("a.txt", "neither .xlsx nor .csv")):
        with pytest.raises(PublishingError, match=message):
            typed(demo, "query", "select 1", "--output", str(tmp_path / name))


def examples(page: Path = PAGE) -> list[str]:
    """The lines of Python on a page."""
    return re.findall(r"```python\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_tables_are_files_that_describe_themselves(demo, snapshot, tmp_path, monkeypatch):
    """The Parquet files, the listing, the views, and the URI of the page hold what the snapshot holds."""
    monkeypatch.chdir(tmp_path)
    before = len(entries(demo / ".promisekept"))
    typed(demo, "tables", "published")
    listed = json.loads(Path("published/catalogue.json").read_text(encoding="utf-8"))
    described = {f"{row['schema']}.{row['name']}": row["rows"] for row in snapshot.describe().to_pylist()}
    assert {one["table"]: one["rows"] for one in listed["tables"]} == described
    (requests,) = (one for one in listed["tables"] if one["table"] == "marts.fct_requests")
    file = Path("published") / requests["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == requests["sha256"]
    assert pq.read_table(file).to_pylist() == snapshot.query("select * from marts.fct_requests").to_pylist()
    assert pq.read_schema(file).field("due_date").metadata[b"description"].decode() == next(
        row["description"] for row in requests["columns"] if row["name"] == "due_date"
    )
    (uri,) = (code for code in examples(BI_PAGE) if "create_engine" in code)
    found: dict[str, object] = {}
    exec(uri, found)
    assert found["late"] == 397
    found["engine"].dispose()
    with duckdb.connect("published/catalogue.duckdb", read_only=True) as views:
        comments = views.execute("select comment from duckdb_views() where view_name = 'fct_metrics'").fetchall()
    assert comments[0][0].startswith("One row per")
    (line,) = entries(demo / ".promisekept")[before:]
    assert (line.export.kind, line.export.rows) == ("parquet", sum(described.values()))


def test_tables_overwrite_nothing(demo, tmp_path):
    (tmp_path / "kept").touch()
    answer = CliRunner().invoke(app, ["tables", str(tmp_path), "--config", str(demo)])
    assert isinstance(answer.exception, PublishingError)
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_the_notebook_of_the_page_runs(demo, monkeypatch):
    code = next(code for code in examples() if "promisekept.open" in code)
    found: dict[str, object] = {}
    exec(code.replace(".promisekept/demo", str(demo)), found)
    assert found["figures"].num_rows > 100
    assert found["late"].num_rows == 397


def test_every_cell_of_the_notebook_runs(demo):
    """In the order of the file, without a kernel; the figures that it counts again are the published ones."""
    notebook = json.loads((ROOT / "docs" / "figures.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    found: dict[str, object] = {}
    for cell in cells:
        exec(cell.replace(".promisekept/demo", str(demo)), found)
    differences = found["again"].loc[: len(found["months"])].to_numpy() - found["months"].value.to_numpy()
    assert len(differences) >= 9
    assert abs(differences).max() < 1e-12
    assert [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"] == [[]] * len(cells)


class SemanticLayer:
    """The definitions of dbt's semantic layer, computed over the marts of a snapshot without any of our models."""

    def __init__(self, manifest: Manifest, file: Path, zone: str) -> None:
        self.metrics = {one.name: one for one in manifest.metrics.values()}
        self.models = {measure.name: model for model in manifest.semantic_models.values() for measure in model.measures}
        self.connection = duckdb.connect(str(file), read_only=True)
        self.connection.execute(f"set TimeZone = '{zone}'")

    def figure(self, name: str, grain: str, dimension: str) -> dict[tuple[object, str], float]:
        """By period and value of the dimension; what adds up to nothing is left out."""
        metric = self.metrics[name]
        if metric.type_params.measure:
            return self._measure(metric.type_params.measure.name, grain, dimension)
        total: dict[tuple[object, str], float] = defaultdict(float)
        assert metric.type_params.expr == " + ".join(one.name for one in metric.type_params.metrics)
        for one in metric.type_params.metrics:
            for key, value in self.figure(one.name, grain, dimension).items():
                total[key] += value
        return total

    def dimensions(self, name: str) -> set[str]:
        """Those that every mart of the metric has."""
        parts = self.metrics[name].type_params
        several = [one.name for one in (parts.numerator, *(parts.metrics or ())) if one]
        if several:
            return set.intersection(*map(self.dimensions, several))
        return {one.name for one in self.models[parts.measure.name].dimensions if one.type.value == "categorical"}

    def _measure(self, name: str, grain: str, dimension: str) -> dict[tuple[object, str], float]:
        model = self.models[name]
        (measure,) = (one for one in model.measures if one.name == name)
        expressions = {one.name: one.expr for one in model.dimensions}
        period = "null" if grain == "to_date" else f"date_trunc('{grain}', {expressions[measure.agg_time_dimension]})::date"
        amount = f"({measure.expr})"
        if measure.agg.value == "percentile":
            aggregated = f"quantile_cont({amount}, {measure.agg_params.percentile})"
        else:
            aggregated = f"{measure.agg.value}({amount})"
        rows = self.connection.execute(
            f"select {period} as period, {expressions.get(dimension, repr('all'))} as value, {aggregated} as amount "
            f"from marts.{model.node_relation.alias} group by 1, 2"
        ).fetchall()
        return {(start, value): float(amount) for start, value, amount in rows if amount and (start or grain == "to_date")}


@pytest.fixture(scope="module")
def layer(demo, tmp_path_factory):
    """As dbt parses and validates it; dates in the zone of the organisation."""
    folder = tmp_path_factory.mktemp("parsed")
    file = json.loads(typed(demo, "describe", "--format", "json"))["file"]
    copy = shutil.copy(file, folder / "snapshot.duckdb")  # to be opened otherwise than we open it
    return SemanticLayer(DbtRunner(folder, folder / "warehouse.duckdb").manifest(), copy, "America/New_York")


def test_the_semantic_layer_gives_the_published_figures(snapshot, layer):
    """Each metric by its definition, over the marts and without our models: in every period and by every dimension."""
    published = defaultdict(dict)
    for row in snapshot.query("select * from marts.fct_metrics").to_pylist():
        key = (row["metric_code"], row["period_grain"], row["dimension"])
        published[key][(row["period_start"], row["dimension_value"])] = row
    begun = {start for rows in published.values() for start, _ in rows}
    defined = snapshot.query("select * from marts.dim_metrics where numerator_sql is not null").to_pylist()
    compared = 0
    for metric in defined:
        code = metric["metric_code"]
        parts = layer.metrics[code].type_params
        sides = {"numerator": parts.numerator.name, "denominator": parts.denominator.name} if parts.numerator else {"value": code}
        grains = ["to_date"] if metric["period_by"] == "to_date" else ["to_date", "year", "quarter", "month"]
        for dimension, grain in product(["all", *(layer.dimensions(code) & set(metric["dimensions"]))], grains):
            for side, name in sides.items():
                expected = {key: float(row[side]) for key, row in published[code, grain, dimension].items() if row[side]}
                found = {key: amount for key, amount in layer.figure(name, grain, dimension).items() if key[0] in begun}
                assert found == pytest.approx(expected), (code, grain, dimension, side)
                compared += len(expected)
    assert len(defined) > 55
    assert compared > 20_000


def test_the_semantic_layer_names_what_the_catalogue_defines(snapshot, layer):
    defined = {row["metric_code"]: row for row in snapshot.query("select * from marts.dim_metrics").to_pylist()}
    labels = {name: metric for name, metric in layer.metrics.items() if name in defined}
    assert {name for name, row in defined.items() if row["numerator_sql"]} == set(labels)
    assert {name: metric.label for name, metric in labels.items()} == {name: defined[name]["name"] for name in labels}
