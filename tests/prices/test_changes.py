"""What changed between two books."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from breakeven.prices import ContextTier, PriceBook, diff, load_book


def changed_book() -> tuple[PriceBook, PriceBook]:
    old = load_book()
    mini = old.model("openai/gpt-4.1-mini")
    nova = old.model("openai/gpt-4.1")
    new = old.with_model(replace(mini, input_usd_per_mtok=0.5, cached_usd_per_mtok=None))
    new = new.with_model(
        replace(
            nova,
            retires_on=dt.date(2027, 6, 1),
            tiers=(ContextTier(above_tokens=128_000, input_usd_per_mtok=4, output_usd_per_mtok=16),),
        )
    )
    new = new.with_model(replace(mini, key="us/new", provider="us"))
    rows = {key: row for key, row in new.snapshot.rows.items() if key != "openai/gpt-4o-mini"}
    return old, replace(new, snapshot=replace(new.snapshot, rows=rows))


def test_each_kind_of_change_is_listed_with_both_values():
    found = diff(*changed_book())
    assert found.added == ("us/new",)
    assert found.removed == ("openai/gpt-4o-mini",)
    by_field = {(change.key, change.field): change for change in found.changed}
    rise = by_field["openai/gpt-4.1-mini", "input_usd_per_mtok"]
    assert (rise.old, rise.new) == (0.4, 0.5)
    assert rise.percent is not None
    assert round(rise.percent, 9) == 25
    gone = by_field["openai/gpt-4.1-mini", "cached_usd_per_mtok"]
    assert (gone.old, gone.new, gone.percent) == (0.1, None, None)
    tier = by_field["openai/gpt-4.1", "input_usd_per_mtok above 128,000 tokens"]
    assert (tier.old, tier.new) == (None, 4)
    assert len(found.changed) == 4
    (moved,) = found.retirements
    assert (moved.key, moved.old, moved.new) == ("openai/gpt-4.1", dt.date(2027, 1, 14), dt.date(2027, 6, 1))
    assert found


def test_a_book_does_not_differ_from_itself():
    found = diff(load_book(), load_book())
    assert not found
    assert found.old_as_of == found.new_as_of


def test_swapping_the_books_mirrors_the_changes():
    old, new = changed_book()
    there, back = diff(old, new), diff(new, old)
    assert (back.added, back.removed) == (there.removed, there.added)
    assert [(c.key, c.field, c.new, c.old) for c in there.changed] == [
        (c.key, c.field, c.old, c.new) for c in back.changed
    ]
