"""What is no YAML of ours is an error with its place, and not of whatever meets it later."""

from __future__ import annotations

import pytest
import yaml

from promisekept.config import strict_yaml


def test_a_key_that_is_given_twice_is_named_with_its_place():
    with pytest.raises(yaml.YAMLError, match=r"the key `a` is given twice\n  in .*line 2"):
        strict_yaml.parse("a: 1\na: 2\n")


@pytest.mark.parametrize("read", [strict_yaml.parse, strict_yaml.compose])
@pytest.mark.parametrize("text", [r'a: "caf\udce9"', r'a: ["\ud83d", 1]', r'"\ude00": a'])
def test_half_a_character_is_named_with_its_place(read, text):
    """A name of an organisation that ended in half an emoji ended a run as if the program were at fault."""
    with pytest.raises(yaml.YAMLError, match=r"half a character; in a path, write `\?` for a byte .*\n  in .*line 1"):
        read(text)


def test_a_character_that_json_writes_as_two_halves_is_one():
    assert strict_yaml.parse(r'a: "\ud83d\ude00"') == {"a": "😀"}
    node = strict_yaml.compose(r'"\ud83d\ude00"')
    assert isinstance(node, yaml.ScalarNode)
    assert node.value == "😀"
