"""Dagster and dbt: what runs when. Thin: every asset calls plain functions that do not import Dagster."""
