"""Keys and tokens of known providers, as they begin and how long they are.

Each entry is a text that such a key always holds and the pattern of the whole key: the pattern is tried only where the
text is there, so that a long list costs little. A key that begins with common letters (``sk-``) needs a digit too, as
words joined by signs have none. Formats are those that the providers document or their keys show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["find_keys"]

_FORMATS: Final[tuple[tuple[str, str], ...]] = (
    # models and their tools
    ("k-", r"\b[spr]k-(?=[\w-]*\d)[A-Za-z0-9_-]{16,}"),
    ("hf_", r"\bhf_[A-Za-z0-9]{20,}"),
    ("api_org_", r"\bapi_org_[A-Za-z0-9]{30,}"),
    ("nvapi-", r"\bnvapi-[\w-]{20,}"),
    ("gsk_", r"\bgsk_\w{20,}"),
    ("xai-", r"\bxai-\w{20,}"),
    ("r8_", r"\br8_\w{30,}"),
    ("pplx-", r"\bpplx-\w{32,}"),
    ("fw_", r"\bfw_[A-Za-z0-9]{20,}"),
    ("tgp_v1_", r"\btgp_v1_[\w-]{30,}"),
    ("lsv2_", r"\blsv2_(?:pt|sk)_[\w-]{30,}"),
    ("pcsk_", r"\bpcsk_[\w-]{40,}"),
    ("tvly-", r"\btvly-[\w-]{20,}"),
    ("jina_", r"\bjina_[\w-]{40,}"),
    ("AstraCS:", r"\bAstraCS:\w{8,}:\w{32,}"),
    ("JQQJ99", r"\b[A-Za-z0-9]{40,64}JQQJ99[A-Za-z0-9]{12,32}\b"),
    # clouds and hosts
    ("AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
    ("ASIA", r"\bASIA[0-9A-Z]{16}\b"),
    ("AIza", r"\bAIza[\w-]{30,}"),
    ("ya29.", r"\bya29\.[\w-]{20,}"),
    ("GOCSPX-", r"\bGOCSPX-[\w-]{20,}"),
    ("LTAI", r"\bLTAI[A-Za-z0-9]{16,24}\b"),
    ("dop_v1_", r"\bdop_v1_\w{20,}"),
    ("dapi", r"\bdapi[a-f0-9]{32}\b"),
    ("Q~", r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}"),
    ("fo1_", r"\bfo1_[\w-]{40,}"),
    ("nfp_", r"\bnfp_[A-Za-z0-9]{30,}"),
    ("pscale_", r"\bpscale_(?:tkn|pw|oauth)_[\w.=-]{30,}"),
    ("sbp_", r"\bsbp_[a-f0-9]{40}"),
    ("sb_secret_", r"\bsb_secret_[\w-]{20,}"),
    ("HRKU-", r"\bHRKU-[\w-]{30,}"),
    (".atlasv1.", r"\b\w{14}\.atlasv1\.[\w-]{60,}"),
    ("hvs.", r"\bhvs\.[\w-]{20,}"),
    ("hvb.", r"\bhvb\.[\w-]{60,}"),
    ("dp.", r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}"),
    # code and packages
    ("gh", r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
    ("github_pat_", r"\bgithub_pat_\w{20,}"),
    ("gl", r"\bgl(?:pat|rt|ptt|ft|dt|soat|imt|cbt|agent|oas)-[\w-]{16,}"),
    ("npm_", r"\bnpm_[A-Za-z0-9]{30,}"),
    ("pypi-AgE", r"\bpypi-AgE[\w-]{30,}"),
    ("dckr_", r"\bdckr_(?:pat|oat)_[\w-]{20,}"),
    ("oy2", r"\boy2[a-z0-9]{43}\b"),
    ("rubygems_", r"\brubygems_[a-f0-9]{40,}"),
    ("sgp_", r"\bsgp_(?:[a-f0-9]{16}_)?[a-f0-9]{40}"),
    ("PMAK-", r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    ("AGE-SECRET-KEY-1", r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"),
    # messages and mail
    ("xox", r"\bxox[abeposr](?:\.xox[bp])?-[A-Za-z0-9-]{10,}"),
    ("xapp-", r"\bxapp-\d-[A-Z0-9]{6,}-\d+-[a-f0-9]{30,}"),
    ("hooks.slack.com", r"https://hooks\.slack\.com/(?:services|workflows)/[\w/]{20,}"),
    ("/api/webhooks/", r"https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}"),
    (".", r"(?<![\w.-])[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])"),
    (":AA", r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
    ("SG.", r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    ("SK", r"\bSK[a-f0-9]{32}\b"),
    ("key-", r"\bkey-[a-f0-9]{32}\b"),
    ("-us", r"\b[a-f0-9]{32}-us\d{1,2}\b"),
    ("whsec_", r"\bwhsec_\w{16,}"),
    # payments, shops, work
    ("k_", r"\b[spr]k_(?=[\w-]*\d)[A-Za-z0-9_-]{16,}"),
    ("sq0", r"\bsq0[a-z]{3}-[\w-]{20,}"),
    ("EAAA", r"\bEAAA[\w-]{60}(?![\w-])"),
    ("FLWSECK", r"\bFLWSECK(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?"),
    ("shp", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("secret_", r"\bsecret_[A-Za-z0-9]{43}\b"),
    ("ntn_", r"\bntn_[A-Za-z0-9]{40,}"),
    ("lin_", r"\blin_(?:api|oauth)_\w{20,}"),
    ("ATATT3", r"\bATATT3[\w=-]{20,}"),
    ("figd_", r"\bfigd_[\w-]{20,}"),
    ("pat", r"\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b"),
    # watching
    ("sntry", r"\bsntry[su]_[\w=+/-]{20,}"),
    ("glsa_", r"\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
    ("NRAK-", r"\bNRAK-[A-Z0-9]{27}"),
    ("dt0c01.", r"\bdt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{40,}"),
    ("aio_", r"\baio_[A-Za-z0-9]{26,}"),
    # others
    ("xkeysib-", r"\bxkeysib-[a-f0-9]{40,}-\w{16}"),
    ("CLOJARS_", r"\bCLOJARS_[a-z0-9]{50,}"),
    ("pnu_", r"\bpnu_[a-zA-Z0-9]{36}"),
    ("rdme_", r"\brdme_[a-z0-9]{60,}"),
    ("tfp_", r"\btfp_[\w-]{50,}"),
    ("AQVN", r"\bAQVN[\w-]{35,38}(?![\w-])"),
    ("bkua_", r"\bbkua_[a-f0-9]{40}"),
    ("sk.eyJ", r"\bsk\.eyJ[\w-]{40,}\.[\w-]{20,}"),
    ("CFPAT-", r"\bCFPAT-[\w-]{40,}"),
    ("_live_", r"\b[a-z]{2,12}_live_(?=[\w-]*\d)[A-Za-z0-9_-]{20,}"),
    # signed tokens (RFC 7519)
    ("eyJ", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
)
_COMPILED: Final = tuple((held, re.compile(pattern)) for held, pattern in _FORMATS)


def find_keys(text: str) -> Iterator[tuple[int, int]]:
    """Where keys of known providers begin and end; those of different formats may overlap."""
    for held, pattern in _COMPILED:
        if held in text:
            for match in pattern.finditer(text):
                yield match.span()
