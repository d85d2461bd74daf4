"""``breakeven schema``: what a study file may hold, for editors."""

from __future__ import annotations

import click

from breakeven.cli.common import print_json

__all__ = ["schema"]


@click.command()
def schema() -> None:
    """Print the JSON Schema of the study file, for editors.

    \b
    Example, for editors that read it from a comment in the first line of breakeven.yaml:
      breakeven schema > study.schema.json
      # yaml-language-server: $schema=study.schema.json
    """
    from breakeven.study import json_schema

    print_json(json_schema())
