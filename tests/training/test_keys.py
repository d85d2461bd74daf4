"""Keys of providers in texts: made-up ones of every known format are found, and what only looks like one is not."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.prompts import redaction
from breakeven.evidence.prompts.redaction import find_personal, redact
from breakeven.evidence.training.private import SECRETS, find_private

WORDS, HEX, UPPER = (
    string.ascii_letters + string.digits,
    "0123456789abcdef",
    string.ascii_uppercase + string.digits,
)
URL = WORDS + "_-"


class Maker:
    """Random texts of an alphabet; ``FORMATS`` are written with it."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def __call__(self, n: int, of: str = WORDS) -> str:
        return "".join(self.rng.choice(of) for _ in range(n - 1)) + "7"  # a key has a digit


def token(n: Maker) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": n(10), "iat": 1})
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join([*coded, n(43, URL)])


# name: how such a key is built, as its provider documents it or its keys show
FORMATS: dict[str, Callable[[Maker], str]] = {
    "openai project": lambda n: f"sk-proj-{n(48, URL)}T3BlbkFJ{n(48, URL)}",
    "openai": lambda n: f"sk-{n(20)}T3BlbkFJ{n(20)}",
    "anthropic": lambda n: f"sk-ant-api03-{n(93, URL)}AA",
    "openrouter": lambda n: f"sk-or-v1-{n(64, HEX)}",
    "aws": lambda n: f"AKIA{n(16, UPPER)}",
    "aws, for a time": lambda n: f"ASIA{n(16, UPPER)}",
    "github": lambda n: f"ghp_{n(36)}",
    "github, fine-grained": lambda n: f"github_pat_{n(22)}_{n(59)}",
    "gitlab": lambda n: f"glpat-{n(20, URL)}",
    "gitlab runner": lambda n: f"glrt-{n(20, URL)}",
    "slack": lambda n: f"xoxb-{n(12, '123')}-{n(12, '123')}-{n(24)}",
    "slack app": lambda n: f"xapp-1-{n(11, UPPER)}-{n(13, '123')}-{n(64, HEX)}",
    "slack hook": lambda n: f"https://hooks.slack.com/services/T{n(8, UPPER)}/B{n(8, UPPER)}/{n(24)}",
    "google": lambda n: f"AIza{n(35, URL)}",
    "google client": lambda n: f"GOCSPX-{n(28, URL)}",
    "google access": lambda n: f"ya29.{n(120, URL)}",
    "hugging face": lambda n: f"hf_{n(34)}",
    "hugging face, organisation": lambda n: f"api_org_{n(34)}",
    "stripe": lambda n: f"sk_live_{n(24)}",
    "stripe hook": lambda n: f"whsec_{n(32)}",
    "sendgrid": lambda n: f"SG.{n(22, URL)}.{n(43, URL)}",
    "twilio": lambda n: f"SK{n(32, HEX)}",
    "mailgun": lambda n: f"key-{n(32, HEX)}",
    "mailchimp": lambda n: f"{n(32, HEX)}-us12",
    "npm": lambda n: f"npm_{n(36)}",
    "pypi": lambda n: f"pypi-AgEIcHlwaS5vcmc{n(150, URL)}",
    "docker": lambda n: f"dckr_pat_{n(27, URL)}",
    "vault": lambda n: f"hvs.{n(90, URL)}",
    "terraform": lambda n: f"{n(14)}.atlasv1.{n(64, URL)}",
    "databricks": lambda n: f"dapi{n(32, HEX)}",
    "digitalocean": lambda n: f"dop_v1_{n(64, HEX)}",
    "doppler": lambda n: f"dp.pt.{n(43)}",
    "shopify": lambda n: f"shpat_{n(32, HEX)}",
    "square": lambda n: f"sq0atp-{n(22, URL)}",
    "linear": lambda n: f"lin_api_{n(40)}",
    "notion": lambda n: f"ntn_{n(46)}",
    "notion, older": lambda n: f"secret_{n(43)}",
    "sentry": lambda n: f"sntrys_{n(100)}",
    "nvidia": lambda n: f"nvapi-{n(64, URL)}",
    "groq": lambda n: f"gsk_{n(52)}",
    "xai": lambda n: f"xai-{n(80)}",
    "replicate": lambda n: f"r8_{n(37)}",
    "perplexity": lambda n: f"pplx-{n(48, HEX)}",
    "fireworks": lambda n: f"fw_{n(24)}",
    "together": lambda n: f"tgp_v1_{n(43, URL)}",
    "langsmith": lambda n: f"lsv2_pt_{n(32, HEX)}_{n(10, HEX)}",
    "pinecone": lambda n: f"pcsk_{n(70, URL)}",
    "telegram": lambda n: f"{n(9, '123')}:AA{n(33, URL)}",
    "discord": lambda n: f"M{n(23)}.{n(6, URL)}.{n(27, URL)}",
    "discord hook": lambda n: f"https://discord.com/api/webhooks/{n(18, '123')}/{n(68, URL)}",
    "atlassian": lambda n: f"ATATT3xFfGF0{n(180, URL)}",
    "figma": lambda n: f"figd_{n(40, URL)}",
    "grafana": lambda n: f"glsa_{n(32)}_{n(8, HEX)}",
    "new relic": lambda n: f"NRAK-{n(27, UPPER)}",
    "postman": lambda n: f"PMAK-{n(24, HEX)}-{n(34, HEX)}",
    "airtable": lambda n: f"pat{n(14)}.{n(64, HEX)}",
    "planetscale": lambda n: f"pscale_tkn_{n(43, URL)}",
    "supabase": lambda n: f"sbp_{n(40, HEX)}",
    "azure openai": lambda n: f"{n(52)}JQQJ99{n(20)}",
    "azure client": lambda n: f"{n(2)}a8Q~{n(34, URL)}",
    "age": lambda n: f"AGE-SECRET-KEY-1{n(58, UPPER)}",
    "dynatrace": lambda n: f"dt0c01.{n(24, UPPER)}.{n(64, UPPER)}",
    "mapbox": lambda n: f"sk.eyJ{n(80)}.{n(22, URL)}",
    "signed token": token,
}  # fmt: skip
FRAMES = ("{}", "Please use {} for the test.", "my config:\n{}\nIt fails.", 'export NAME="{}"')


@pytest.mark.parametrize("name", FORMATS)
def test_keys_of_a_provider_are_found_and_masked(name: str) -> None:
    made = Maker(len(name))
    for frame in FRAMES:
        key = FORMATS[name](made)
        text = frame.format(key)
        assert find_private(text, SECRETS), text
        assert key[-20:] not in redact(text).text


def test_other_secrets_are_told_by_the_words_beside_them() -> None:
    n = Maker(1)
    for text in (
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{n(64)}\n-----END PGP PRIVATE KEY BLOCK-----",
        f"postgres://app:{n(14)}@db.internal:5432/main", f"Authorization: Bearer {n(40, URL)}", f'MY_KEY="{n(32)}"',
        f"the api key is {n(32)}", f"aws_secret_access_key = {n(40)}", f"AccountKey={n(60)}==",
    ):  # fmt: skip
        assert find_private(text, SECRETS), text


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn-compatible-estimators are long", "the index pk_customer_orders_by_region",
        "a risk-free-guarantee-for-all",
        "commit 9172b0ff4f1cca4af09c3375c0417625f3949ad1", "id 123e4567-e89b-12d3-a456-426614174000", "Q~ and M.N.O",
        "the key to a good life is sleep", "KEY: Mathematics-and-physics-for-all", "dp. the ghost of glamour, xoxo",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_key_is_let_pass(text: str) -> None:
    assert find_private(text, SECRETS) == []


pieces = st.sampled_from([
    "a", "key=", "token ", "Bearer ", "sk-", "@", "acme.io", "://", ":", "-----BEGIN ", "4111111111111111", "call ",
    "+41 44 668 18 00", "password: ", "DE89370400440532013000", "127.0.0.1", "078-05-1120", "::1", " ", "7", "x9", "=",
    "&", "?", "-", ".",
])  # fmt: skip


@given(st.lists(pieces, max_size=12).map("".join))
def test_what_a_rule_needs_never_hides_what_it_finds(text: str) -> None:
    """Each rule is asked only where the text has what it needs: all that it would find must be among what is found."""
    every = [
        (match.start(group), match.end(group))
        for _, _, pattern, check in redaction._RULES if pattern is not None
        for group in ("it" if "it" in pattern.groupindex else 0,)
        for match in pattern.finditer(text) if check(match.group(group))
    ]  # fmt: skip
    found = find_personal(text)
    assert all(any(start < one.end and one.start < end for one in found) for start, end in every)


def test_public_data_holds_no_keys(real_data: Callable[[str], Path]) -> None:
    for name, file in (("banking77", "train.csv"), ("snips_2017", "train.jsonl"), ("chat_finetuning_samples",
                       "gsm8k_chat_train.jsonl")):  # fmt: skip
        lines = (real_data(name) / file).read_text(encoding="utf-8", errors="replace").splitlines()
        assert not [line for line in lines if find_private(line, SECRETS)]
