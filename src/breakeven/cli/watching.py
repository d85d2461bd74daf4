"""What more days of logs would bring, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["watch_lines"]


def watch_lines(watched: Mapping[str, Any]) -> list[str]:
    """Sentences on an ``observation``: how well the volume is known, and from how many days it would be better."""
    seen = watched["complete_days"]
    if watched["width_now"] is None:
        more = watched["more_days_for_volume"]
        if more:
            return [f"Complete days seen: {seen}; {more} more would tell a volume a month."]
        return [f"Complete days seen: {seen}, without a call."]
    lines = [f"The volume is known to about {watched['width_now']:.0%} from {seen} complete days."]
    later = [f"{width:.0%} from {days}" for days, width in watched["width_at_days"].items()]
    if watched["width_now"] > watched["aim"] and later:
        lines.append(f"With logs of more days, if those are alike: {', '.join(later)}.")
    if watched["more_days_for_growth"]:
        lines.append(f"{watched['more_days_for_growth']} more days would tell its growth.")
    return lines
