"""Keys, addresses and models that cannot work are reported at start, and the message never repeats the value."""

import os

import pytest

from rfqflow import settings
from rfqflow.core.errors import ConfigError

SECRET = "sk-zqx7canary"
KEYS = {
    "a line break within": f"{SECRET}\nmore",
    "a carriage return within": f"{SECRET}\rmore",
    "a blank within": f"{SECRET} more",
    "a tab within": f"{SECRET}\tmore",
    "a word after it": f"{SECRET} # the key",
    "nothing but blanks": " \n ",
    "nothing but quotes": '""',
    "quotes": f'"{SECRET}"',
    "one quote": f"'{SECRET}",
    "typographic quotes": f"\u201c{SECRET}\u201d",
    "a scheme": f"Bearer {SECRET}",
    "a header": f"Authorization:Bearer-{SECRET}",
    "its own name": f"OPENAI_API_KEY={SECRET}",
    "a letter of another alphabet": f"{SECRET}\u0430bc",
    "an ellipsis": f"{SECRET}\u2026",
    "a dash": f"{SECRET}\u2013x",
    "a control character": f"{SECRET}\x01",
    "a byte order mark": f"\ufeff{SECRET}",
    "a zero-width blank": f"{SECRET}\u200bx",
    "no-break blank": f"{SECRET}\u00a0x",
}
ADDRESSES = {
    "a query": "https://host.example/v1?api-version=2024",
    "an empty query": "https://host.example/v1?",
    "a fragment": "https://host.example/v1#x",
    "an empty fragment": "https://host.example/v1#",
    "the whole path": "https://host.example/v1/chat/completions",
    "the whole path and a slash": "https://host.example/v1/chat/completions/",
    "another whole path": "https://host.example/v1/responses",
    "the path of the models": "https://host.example/v1/models",
    "no scheme": "host.example/v1",
    "no scheme but a port": "localhost:8000/v1",
    "another scheme": "ftp://host.example/v1",
    "half a scheme": "https:/host.example/v1",
    "a scheme misspelt": "htps://host.example/v1",
    "two schemes": "https://https://host.example/v1",
    "no host": "https:///v1",
    "a port and no host": "http://:8000/v1",
    "a port that is none": "http://host.example:http/v1",
    "a port beyond all": "http://host.example:99999/v1",
    "port nought": "http://host.example:0/v1",
    "a blank within": "https://host.example/v 1",
    "a line break within": "https://host.example\n/v1",
    "quotes": '"https://host.example/v1"',
    "a backslash": "https:\\\\host.example\\v1",
    "a place to fill in": "https://<resource>.example/v1",
    "a variable left as it is": "https://${HOST}/v1",
    "an empty label": "https://host..example/v1",
    "a label too long": f"https://{'a' * 64}.example/v1",
    "user and password, and a query": f"https://user:{SECRET}@host.example/v1?x=1",
    "nothing but blanks": "  ",
}
OPENAIS_OWN = (
    "https://api.openai.com",
    "https://api.openai.com/",
    "http://api.openai.com/v1",
    "https://api.openai.com/v1/v1",
    "https://ours.openai.azure.com",
    "http://ours.openai.azure.com/openai/v1",
    "https://ours.openai.azure.com/openai/deployments/gpt-5",
    "https://ours.services.ai.azure.com/models",
    "https://ours.cognitiveservices.azure.us/v1",
)
OLLAMAS = {
    name: one for name, one in ADDRESSES.items() if name not in ("another whole path", "the path of the models")
} | {
    "Ollama's own path": "http://host.example:11434/api",
    "the path of a chat": "http://host.example:11434/api/chat",
    "its other API": "http://host.example:11434/v1/",
}
MODELS = {
    "a blank within": "gpt 5",
    "a line break within": "gpt-5\nmini",
    "quotes": "'gpt-5-mini'",
    "nothing but blanks": " ",
    "far too long": "m" * 101,
    "a zero-width blank": "gpt\u200b-5",
}
BAD = [
    *(("OPENAI_API_KEY", name, value) for name, value in KEYS.items()),
    *(("OPENAI_BASE_URL", name, value) for name, value in ADDRESSES.items()),
    *(("OPENAI_BASE_URL", "OpenAI's own", value) for value in OPENAIS_OWN),
    *(("RFQFLOW_OLLAMA_URL", name, value) for name, value in OLLAMAS.items()),
    *(("RFQFLOW_MODEL", name, value) for name, value in MODELS.items()),
    ("RFQFLOW_FALLBACK_MODELS", "one of them quoted", "gpt-5,'gpt-4'"),
    ("RFQFLOW_FALLBACK_MODELS", "blanks for commas", "gpt-5 gpt-4"),
    ("RFQFLOW_PII_PEPPER", "nothing but blanks", " \n"),
    ("RFQFLOW_WEBHOOK_URLS", "no host", "crm=https:///x"),
    ("RFQFLOW_WEBHOOK_URLS", "a line break within", f"crm=https://host.example/{SECRET}\nx"),
    ("RFQFLOW_WEBHOOK_URLS", "no name", f"https://host.example/{SECRET}"),
    ("RFQFLOW_WEBHOOK_URLS", "a fragment", f"crm=https://host.example/{SECRET}#x"),
    ("RFQFLOW_WEBHOOK_URLS", "a port beyond all", f"crm=https://host.example:70000/{SECRET}"),
]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in os.environ:
        if name.startswith(("OPENAI_", "RFQFLOW_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RFQFLOW_WEBHOOK_SECRET", "0123456789abcdef")


@pytest.mark.parametrize(
    ("variable", "value"), [(one[0], one[2]) for one in BAD], ids=[f"{one[0]}: {one[1]}" for one in BAD]
)
def test_a_value_that_cannot_work_is_refused_with_its_name_and_without_the_value(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as refused:
        settings.load()
    reported = str(refused.value)
    assert reported.startswith(f"settings: {variable}: ")
    assert any(word in reported for word in ("must", "blank", "copy", "pairs"))
    assert SECRET not in reported
    assert "\n" not in reported


GOOD = [
    ("OPENAI_API_KEY", f"  {SECRET}\n", "openai_api_key", SECRET),
    ("OPENAI_API_KEY", f"{SECRET}\r\n", "openai_api_key", SECRET),
    ("OPENAI_API_KEY", "eyJhbGciOiJIUzI1NiJ9.e30.Et9HFtf9R3GEMA0IICOfFMVXY7kkTX1wr4qCyhIf58U=", "openai_api_key", None),
    ("OPENAI_BASE_URL", " https://api.openai.com/v1/ \n", "openai_base_url", "https://api.openai.com/v1"),
    ("OPENAI_BASE_URL", "https://eu.api.openai.com/v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "https://x.openai.azure.com/openai/v1/", "openai_base_url", "https://x.openai.azure.com/openai/v1"),
    ("OPENAI_BASE_URL", "https://user:password@behind.example/v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "http://[::1]:8000/v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "http://vllm_server:8000/v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "http://b\u00fccher.example/v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "https://openrouter.ai/api/v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "https://host.example./v1", "openai_base_url", None),
    ("OPENAI_BASE_URL", "https://generativelanguage.googleapis.com/v1beta/openai/", "openai_base_url", "https://generativelanguage.googleapis.com/v1beta/openai"),
    ("RFQFLOW_OLLAMA_URL", "http://ollama:11434/ ", "ollama_url", "http://ollama:11434"),
    ("RFQFLOW_OLLAMA_URL", "https://user:password@ollama.example/behind", "ollama_url", None),
    ("RFQFLOW_MODEL", " llama3.2:3b\n", "model", "llama3.2:3b"),
    ("RFQFLOW_MODEL", "hf.co/org/Model-GGUF:Q4_K_M", "model", None),
    ("RFQFLOW_FALLBACK_MODELS", " a , b,,", "fallback_models", ("a", "b")),
    ("RFQFLOW_PII_PEPPER", " kept as it is \n", "pii_pepper", " kept as it is \n"),
    ("RFQFLOW_LOG_LEVEL", " debug\n", "log_level", "debug"),
    ("RFQFLOW_HTTP", "  ", "http", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"), GOOD, ids=[f"{one[0]}-{number}" for number, one in enumerate(GOOD)]
)
def test_a_value_that_works_is_accepted_without_its_surroundings(monkeypatch, variable, value, field, expected):
    monkeypatch.setenv(variable, value)
    found = getattr(settings.load(), field)
    found = found.get_secret_value() if hasattr(found, "get_secret_value") else found
    assert found == (expected or (value if variable != "RFQFLOW_HTTP" else None))


def test_all_errors_are_reported_at_once(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", '"x"')
    monkeypatch.setenv("OPENAI_BASE_URL", "nowhere")
    monkeypatch.setenv("RFQFLOW_MODEL", "a b")
    with pytest.raises(ConfigError) as refused:
        settings.load()
    assert all(f"{name}: " in str(refused.value) for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RFQFLOW_MODEL"))
