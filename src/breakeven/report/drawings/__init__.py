"""One module for each kind of chart; each turns chart data into the elements of one drawing."""

from __future__ import annotations

__all__: list[str] = []
