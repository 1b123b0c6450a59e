# The commands of a working day; `just` lists them.

default:
    @just --list

# Build the demo organisation and print its verdicts
demo:
    uv run promisekept demo

# Open the dashboard of the demo on 127.0.0.1
dashboard:
    uv run promisekept dashboard --config .promisekept/demo

# The tests that give a verdict in minutes
test *arguments:
    uv run pytest {{arguments}}

# Every test
full:
    uv run pytest --full

# Format, lint and type-check
lint:
    uv run ruff format .
    uv run ruff check .
    uv run mypy

# Write the generated pages of docs/ again
docs:
    uv run python docs/generate.py

# Build the documentation as a site, strictly, into ./site
site: docs
    uv run zensical build --strict

# The site on 127.0.0.1, built again at each change
serve: docs
    uv run zensical serve

# Measure the product against the lean script
bench *arguments="all":
    uv run python -m benchmarks {{arguments}}
