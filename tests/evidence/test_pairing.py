from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence import align, parse_scores


def table(rows: str, name: str = "s", columns: str = "id,score"):
    return parse_scores(columns + "\n" + rows.replace(" ", "\n"), file=f"{name}.csv")


def test_only_shared_cases_are_paired_and_the_others_named():
    paired = align({"prompt": table("a,1 b,0 c,1"), "tuned": table("c,0 d,1 a,1")})
    assert paired.names == ("prompt", "tuned")
    assert paired.ids == ("a", "c")
    assert paired.scores.tolist() == [[1, 1], [1, 0]]
    assert paired.unpaired == {"prompt": ("b",), "tuned": ("d",)}
    assert paired.clusters is None
    assert paired.binary


def test_repeats_are_averaged_within_their_case():
    runs = table("a,1,1 b,1,1 a,0,2 b,1,2", columns="id,score,repeat")
    paired = align({"prompt": runs, "tuned": table("a,1 b,0")})
    assert paired.scores.tolist() == [[0.5, 1], [1, 0]]
    assert not paired.binary


def test_clusters_come_from_whichever_file_names_them():
    named = table("a,1,k b,1,k c,0,", columns="id,score,cluster")
    for tables in ({"x": named, "y": table("a,1 b,0 c,1")}, {"x": table("a,1 b,0 c,1"), "y": named}):
        paired = align(tables)
        assert paired.clusters is not None
        assert paired.clusters.tolist() == [0, 0, 1]


def test_files_that_disagree_on_a_cluster():
    one = table("a,1,k", "one", "id,score,cluster")
    other = table("a,1,m", "other", "id,score,cluster")
    with pytest.raises(
        EvidenceError, match=r"other.csv: case 'a' is in cluster 'm' here and in 'k' in one.csv"
    ):
        align({"x": one, "y": other})


def test_nothing_shared_shows_what_each_was_run_on():
    with pytest.raises(EvidenceError) as caught:
        align({"prompt": table("1,1 2,0", "v1"), "tuned": table("case-1,1", "v2")})
    assert "v1.csv: prompt was run on '1', '2'" in str(caught.value)
    assert "v2.csv: tuned was run on 'case-1'" in str(caught.value)


def test_no_files():
    with pytest.raises(EvidenceError, match="no scores to pair"):
        align({})


def test_one_candidate_pairs_with_itself():
    assert align({"prompt": table("a,1 b,0")}).scores.tolist() == [[1], [0]]


def test_the_scores_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        align({"prompt": table("a,1 b,0")}).scores[0] = 0


cases = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([0.0, 0.5, 1.0]), min_size=1)


@given(cases, cases)
def test_every_case_is_paired_or_named_and_swapping_mirrors(left, right):
    def written(scores):
        return table(" ".join(f"{case},{score}" for case, score in scores.items()))

    if not set(left) & set(right):
        return
    one, other = (
        align({"x": written(left), "y": written(right)}),
        align({"y": written(right), "x": written(left)}),
    )
    assert set(one.ids) | set(one.unpaired["x"]) == set(left)
    assert set(one.ids) | set(one.unpaired["y"]) == set(right)
    mirrored = dict(zip(other.ids, other.scores[:, ::-1].tolist(), strict=True))
    assert dict(zip(one.ids, one.scores.tolist(), strict=True)) == mirrored
    assert np.isin(one.scores, (0, 0.5, 1)).all()
