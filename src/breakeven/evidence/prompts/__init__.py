"""Prompts: what in the texts of logged calls is static, what it costs, and what a cache would hold of it.

``messages``   the messages of a prompt, out of whatever shape a log keeps them in
``reading``    logged prompts one by one, from the same files and formats as calls
``tokens``     tokens counted offline
``words``      prompts as words, and what two of them have in common
``template``   constant parts with slots between
``mining``     a stream of prompts to templates
``examples``   few-shot examples told from instructions
``replay``     a prompt cache replayed over arrival times
``redaction``  personal data and keys masked; ``key_formats`` the keys of known providers
``findings``   all of it, as the mapping that a profile holds under ``prompt``
"""

from __future__ import annotations

__all__: list[str] = []
