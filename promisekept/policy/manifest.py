"""pack.yml: the name of a pack, its version, and the few facts that are no register.

Here: reading and checking that one file, with the line of what is wrong. Not here: the registers (loading.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

import yaml

from promisekept.config import strict_yaml
from promisekept.policy.problems import PackProblem
from promisekept.policy.thresholds import THRESHOLDS, Threshold, Value, read_thresholds
from promisekept.policy.values import READERS, Unreadable

FILE = "pack.yml"
KEYS = ("name", "version", "effective_from", "adequate_countries", "incident_hours", *THRESHOLDS)
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EEA: tuple[str, ...] = tuple(sorted([*_EU.split(" "), "IS", "LI", "NO"]))


@dataclass(frozen=True)
class PackSettings:
    """What pack.yml holds.

    Attributes:
        name: the pack's name.
        version: the pack's version, any text.
        effective_from: the first day on which it is meant to hold.
        adequate_countries: to which data may go without a transfer mechanism; `EEA` stands for its 30 members.
        incident_hours: hours to notify the authority of an incident, by place; `EEA` stands for its 30 members, a
            country for its parts. Short for rows of notification_rules.csv that always hold.
        thresholds: by name, all of them; see thresholds.py.
    """

    name: str
    version: str
    effective_from: date | None = None
    adequate_countries: tuple[str, ...] = ()
    incident_hours: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    thresholds: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType(read_thresholds({})))

    def as_document(self) -> dict[str, object]:
        """Plain values for hashing and keeping."""
        return {
            "name": self.name,
            "version": self.version,
            "effective_from": str(self.effective_from or ""),
            "adequate_countries": list(self.adequate_countries),
            "incident_hours": dict(sorted(self.incident_hours.items())),
            **self.thresholds,
        }


def read_manifest(file: Path, fallback_name: str, problems: list[PackProblem]) -> PackSettings:
    """Read pack.yml; what is wrong is added to `problems`.

    Args:
        file: pack.yml.
        fallback_name: the pack's name where the file gives none.
        problems: list to add to.

    Returns:
        The settings, as far as they can be read.
    """
    empty = PackSettings(fallback_name, "")
    if not file.is_file():
        problems.append(PackProblem(FILE, 0, "there is no such file in the pack", "Create it with name and version."))
        return empty
    try:
        node = strict_yaml.compose(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        problems.append(PackProblem(FILE, 0, f"this is not readable YAML: {error}", "Correct the file."))
        return empty
    if not isinstance(node, yaml.MappingNode):
        problems.append(PackProblem(FILE, 1, "expected keys such as `name` and `version`", f"Keys: {', '.join(KEYS)}"))
        return empty
    return _settings(_Keys(node, problems), fallback_name)


class _Keys:
    """The keys of one YAML mapping with their lines; every scalar is text, so that `NO` stays Norway."""

    def __init__(self, node: yaml.MappingNode, problems: list[PackProblem]) -> None:
        self.problems = problems
        self.nodes: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name not in KEYS:
                near = get_close_matches(name, KEYS, n=1)
                remedy = f"Did you mean `{near[0]}`?" if near else f"Keys: {', '.join(KEYS)}"
                problems.append(PackProblem(FILE, line, f"unknown key `{name}`", remedy))
            elif name in self.nodes:
                problems.append(PackProblem(FILE, line, f"the key `{name}` is given twice", "Remove one of them."))
            self.nodes[name] = value

    def text(self, name: str) -> str:
        node = self.nodes.get(name)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, f"{name}: expected a text", "Write it on the same line.")
            return ""
        return str(node.value)

    def texts(self, name: str) -> list[yaml.ScalarNode]:
        node = self.nodes.get(name)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, f"{name}: expected a list", "Write it as [IE, GB].")
            return []
        return [item for item in node.value if isinstance(item, yaml.ScalarNode)]

    def pairs(self, name: str) -> list[tuple[yaml.ScalarNode, yaml.ScalarNode]]:
        node = self.nodes.get(name)
        if node is None:
            return []
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, f"{name}: expected places with hours", "Write it as {IE: 72, GB: 72}.")
            return []
        return [(key, value) for key, value in node.value if isinstance(value, yaml.ScalarNode)]

    def wrong(self, node: yaml.Node, message: str, remedy: str) -> None:
        self.problems.append(PackProblem(FILE, node.start_mark.line + 1, message, remedy))


def _settings(keys: _Keys, fallback_name: str) -> PackSettings:
    effective_from: date | None = None
    if text := keys.text("effective_from"):
        try:
            effective_from = date.fromisoformat(text)
        except ValueError:
            message = f"effective_from: `{text}` is no date"
            keys.wrong(keys.nodes["effective_from"], message, "Write it as 2026-09-30.")
    version = keys.text("version")
    if not version:
        keys.problems.append(PackProblem(FILE, 0, "version: this key is missing", 'Add it, e.g.  version: "1"'))
    return PackSettings(
        keys.text("name") or fallback_name,
        version,
        effective_from,
        tuple(sorted(_countries(keys))),
        MappingProxyType(_hours(keys)),
        MappingProxyType({name: _threshold(keys, name, threshold) for name, threshold in THRESHOLDS.items()}),
    )


def _threshold(keys: _Keys, name: str, threshold: Threshold) -> Value:
    text = keys.text(name)
    try:
        return threshold.read(text) if text else threshold.default
    except Unreadable as error:
        keys.wrong(keys.nodes[name], f"{name}: {error}", threshold.remedy)
        return threshold.default


def _countries(keys: _Keys) -> set[str]:
    countries: set[str] = set()
    for node in keys.texts("adequate_countries"):
        if node.value == "EEA":
            countries.update(EEA)
            continue
        try:
            countries.add(str(READERS["country"](node.value)))
        except Unreadable as error:
            keys.wrong(node, f"adequate_countries: {error}", "Correct it, or remove it.")
    return countries


def _hours(keys: _Keys) -> dict[str, int]:
    own: dict[str, int] = {}
    shared: dict[str, int] = {}
    for key, value in keys.pairs("incident_hours"):
        try:
            hours = int(str(READERS["integer"](value.value)))
            if key.value == "EEA":
                shared = dict.fromkeys(EEA, hours)
            else:
                own[str(READERS["place"](key.value))] = hours
        except Unreadable as error:
            keys.wrong(key, f"incident_hours: {error}", "Write a place and its hours, e.g.  IE: 72")
    return shared | own
