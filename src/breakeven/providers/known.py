"""The providers that are known without being told: one entry each, under the name that the price book uses.

To add one, put an ``Endpoint`` here, or name it in the entry point group ``breakeven.providers`` of your own package.
"""

from __future__ import annotations

from breakeven.providers.endpoint import Endpoint

__all__ = ["KNOWN"]


def _openai_wire(name: str, url: str, key_env: str, *also: str, seed_field: str = "seed") -> Endpoint:
    """A provider with OpenAI's wire; ``NAME_BASE_URL`` and ``NAME_API_BASE`` move it."""
    stem = key_env.removesuffix("_API_KEY")
    moved_by = () if stem == key_env else (f"{stem}_BASE_URL", f"{stem}_API_BASE")
    return Endpoint(
        name=name, url=url, url_env=moved_by, key_env=key_env, aliases=also, seed_field=seed_field
    )


def _own_server(name: str, port: int, *also: str) -> Endpoint:
    """A server that users run themselves, on its usual port; most need no key."""
    stem = name.upper()
    return Endpoint(
        name=name,
        url=f"http://127.0.0.1:{port}/v1",
        url_env=(f"{stem}_BASE_URL", f"{stem}_API_BASE"),
        key_env=f"{stem}_API_KEY",
        key_needed=False,
        aliases=also,
    )


def _sdk(
    name: str, key_env: str | None, *also: str, sdk_name: str = "", url_env: str | None = None
) -> Endpoint:
    return Endpoint(
        name=name, wire="any-llm", key_env=key_env, aliases=also, sdk_name=sdk_name or name,
        url_env=(url_env,) if url_env else (),
    )  # fmt: skip


KNOWN: tuple[Endpoint, ...] = (
    Endpoint(
        name="openai",
        url="https://api.openai.com/v1",
        url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
        key_env="OPENAI_API_KEY",
        max_tokens_field="max_completion_tokens",
        headers_env={"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"},
    ),
    Endpoint(
        name="azure",
        url_env=("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"),
        key_env="AZURE_OPENAI_API_KEY",
        key_header="api-key",
        api_version_env=("AZURE_OPENAI_API_VERSION", "AZURE_API_VERSION", "OPENAI_API_VERSION"),
        azure=True,
        max_tokens_field="max_completion_tokens",
    ),
    _openai_wire("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", seed_field="random_seed"),
    _openai_wire("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    _openai_wire("xai", "https://api.x.ai/v1", "XAI_API_KEY", "grok"),
    _openai_wire("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    _openai_wire("together_ai", "https://api.together.xyz/v1", "TOGETHER_API_KEY", "together"),
    _openai_wire("fireworks_ai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY", "fireworks"),
    _openai_wire("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    _openai_wire("deepinfra", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
    _openai_wire("cohere", "https://api.cohere.ai/compatibility/v1", "COHERE_API_KEY"),
    _openai_wire("cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    _openai_wire("sambanova", "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
    _openai_wire("perplexity", "https://api.perplexity.ai", "PERPLEXITY_API_KEY"),
    _openai_wire("nebius", "https://api.studio.nebius.com/v1", "NEBIUS_API_KEY"),
    _openai_wire("novita", "https://api.novita.ai/v3/openai", "NOVITA_API_KEY"),
    _openai_wire("hyperbolic", "https://api.hyperbolic.xyz/v1", "HYPERBOLIC_API_KEY"),
    _openai_wire("moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"),
    _openai_wire("dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"),
    _openai_wire("huggingface", "https://router.huggingface.co/v1", "HF_TOKEN"),
    _openai_wire("github", "https://models.github.ai/inference", "GITHUB_TOKEN"),
    _own_server("vllm", 8000, "hosted_vllm"),
    _own_server("sglang", 30000),
    _own_server("ollama", 11434),
    _own_server("llamacpp", 8080),
    _own_server("lmstudio", 1234, "lm_studio"),
    _own_server("litellm_proxy", 4000, "litellm"),
    _sdk("anthropic", "ANTHROPIC_API_KEY", "claude", url_env="ANTHROPIC_BASE_URL"),
    _sdk("gemini", "GEMINI_API_KEY", "google", url_env="GOOGLE_GEMINI_BASE_URL"),
    # These two take their credentials from the cloud's own configuration (profile, role, application default).
    _sdk("bedrock", None),
    _sdk("vertex_ai", None, "vertexai", sdk_name="vertexai"),
    Endpoint(name="sentence-transformers", wire="sentence-transformers"),
    Endpoint(name="fake", wire="fake"),
)
