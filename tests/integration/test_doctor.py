"""`rfqflow doctor --provider` reports what is wrong and the remedy, and never shows a key."""

import asyncio
import json
import os
import ssl
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from rfqflow.core.finding import Finding
from rfqflow.llm.connectivity import reach
from rfqflow.llm.openai_server import OpenAIServer
from rfqflow.llm.probe import Target, probe_ollama, probe_openai, probe_rules
from tests.support import command_server
from tests.support.model_behaviours import BEHAVIOURS, behaviour
from tests.support.model_exchange import Exchange, as_json, completion
from tests.support.model_server import ModelServer
from tests.support.ollama_server import OllamaServer, chat

KEY = "sk-probe-0123456789"
CONFORMING = json.dumps({"plimsoll": "umbra-4"})
PROSE = "A clear sky at noon is blue."


def doctor_says(name: str, content: str, *, listed: tuple[str, ...] | None = ("fake-1",), **changes) -> None:
    """Registers a behaviour: a list of models, and this reply to the test question."""

    async def reply(exchange: Exchange) -> None:
        if exchange.path.endswith("/models"):
            if listed is None:
                await exchange.send(404, b"")
            else:
                await exchange.send(200, as_json({"data": [{"id": each} for each in listed]}))
        elif "rejects" in changes and changes["rejects"](exchange.body):
            await exchange.error(400, "unsupported", changes["words"])
        else:
            finish = changes.get("finish", "stop")
            body = completion(exchange, content, finish=finish)
            for field in changes.get("without", ()):
                del body[field]
            await exchange.send(200, as_json(body))

    BEHAVIOURS[name] = reply


def response_format(body) -> str:
    return body.get("response_format", {}).get("type", "none")


doctor_says("doctor_good", CONFORMING)
doctor_says("doctor_no_list", CONFORMING, listed=None)
doctor_says("doctor_other_list", CONFORMING, listed=("a", "b", "c", "d", "e", "f"))
doctor_says("doctor_prose", PROSE)
doctor_says("doctor_unended", "", finish="stop")
doctor_says("doctor_uncounted", CONFORMING, without=("usage",))
doctor_says(
    "doctor_object",
    CONFORMING,
    rejects=lambda body: response_format(body) == "json_schema",
    words="response_format json_schema is not supported",
)
doctor_says(
    "doctor_prompted",
    f"Here it is: {CONFORMING}",
    rejects=lambda body: "response_format" in body,
    words="Unrecognized request argument: response_format",
)
doctor_says(
    "doctor_disobedient",
    PROSE,
    rejects=lambda body: "response_format" in body,
    words="Unrecognized request argument: response_format",
)
doctor_says(
    "doctor_hot",
    CONFORMING,
    rejects=lambda body: "temperature" in body or "max_tokens" in body,
    words="Unsupported: 'max_tokens', 'temperature'",
)


@behaviour("doctor_echoes_key")
async def _echoes(exchange: Exchange) -> None:
    key = exchange.headers.get("authorization", "").removeprefix("Bearer ")
    await exchange.send(401, as_json({"error": {"message": key, "code": f"bad:{key}", "type": key}}), x_request_id=key)


TELLS = {
    "doctor_good": [
        ("ok", "list names the model fake-1"),
        ("ok", "the schema is enforced (json_schema_strict)"),
        ("ok", "all parameters are accepted"),
        ("ok", "counts tokens"),
        ("warn", "price of fake-1 is unknown"),
        ("ok", "a short answer took"),
    ],
    "doctor_no_list": [("ok", "the model fake-1 answers"), ("ok", "the schema is enforced")],
    "doctor_other_list": [("warn", "does not name the model fake-1"), ("ok", "the model fake-1 answers")],
    "doctor_prose": [("warn", "accepted but not enforced (json_schema_strict)")],
    "doctor_unended": [("fail", "invalid_output")],
    "doctor_uncounted": [("warn", "counts no tokens")],
    "doctor_object": [("warn", "accepts no schema; with json_object, the model followed it")],
    "doctor_prompted": [("warn", "accepts no schema; with prompted, the model followed it")],
    "doctor_disobedient": [("warn", "accepts no schema, and with prompted the model did not follow it")],
    "doctor_hot": [
        ("warn", "temperature is left out, the token limit is named max_completion_tokens"),
        ("ok", "the schema is enforced"),
    ],
    "doctor_echoes_key": [("fail", "the key is not accepted (HTTP 401)")],
    "401": [("fail", "the key is not accepted (HTTP 401)")],
    "403": [("fail", "the key is not accepted (HTTP 403)")],
    "402": [("fail", "quota")],
    "404": [("fail", "model fake-1 not found (HTTP 404)")],
    "400": [("fail", "bad_request")],
    "429_quota": [("fail", "quota")],
    "429_seconds": [("fail", "rate_limit")],
    "500": [("fail", "provider_5xx")],
    "hang": [("fail", "no answer within 0.5 s")],
    "drip": [("fail", "no answer within 0.5 s")],
    "redirect": [("fail", "connection")],
    "reset": [("fail", "connection")],
    "html200": [("fail", "invalid_output")],
    "endless": [("fail", "too_large")],
    "gzip_bomb": [("fail", "too_large")],
}


async def found(probe, target: Target) -> list[Finding]:
    return [finding async for finding in probe(target)]


def reports(findings: list[Finding], level: str, words: str) -> bool:
    return any(one.level == level and words in one.what for one in findings)


def target_of(server: ModelServer, **changes) -> Target:
    deadline = 0.5 if server.default in {"hang", "drip"} else 5.0
    return Target(
        **{"base_url": server.url, "model": "fake-1", "api_key": KEY, "deadline_seconds": deadline, **changes}
    )


@pytest.mark.parametrize(("behaviour", "expected"), TELLS.items(), ids=TELLS)
async def test_each_misbehaviour_is_reported_with_a_remedy_and_without_the_key(behaviour, expected):
    async with ModelServer(default=behaviour) as server:
        findings = await found(probe_openai, target_of(server))

    for level, words in expected:
        assert reports(findings, level, words), findings
    assert all(one.remedy for one in findings if one.level != "ok")
    assert not any(KEY in f"{one.what}{one.remedy}" for one in findings)
    failing = any(level == "fail" for level, _ in expected)
    assert any(one.level == "fail" for one in findings) == failing
    assert not failing or findings[-1].level == "fail"


@pytest.mark.parametrize(
    ("has_responses", "api", "answers", "limit"),
    [
        (True, "responses", "by the Responses API", "max_output_tokens"),
        (False, "responses", "by Chat Completions", "max_tokens"),
        (True, "auto", "by Chat Completions", "max_tokens"),
    ],
)
async def test_doctor_names_the_api_by_which_the_model_answers(has_responses, api, answers, limit):
    async with ModelServer(default="doctor_good", has_responses=has_responses) as server:
        findings = await found(probe_openai, target_of(server, api=api))
    assert reports(findings, "ok", f"the model fake-1 answers ({answers})")
    assert reports(findings, "ok", f"all parameters are accepted: temperature, {limit}")


async def test_doctor_sends_azures_header_and_does_not_read_a_list_without_deployments():
    async with ModelServer(default="doctor_other_list") as server:
        findings = await found(probe_openai, replace(target_of(server), server=OpenAIServer(is_azure=True)))
    (asked,) = server.journal
    assert (asked["path"], asked["headers"]["api-key"]) == ("/v1/responses", KEY)
    assert "authorization" not in asked["headers"]
    assert reports(findings, "ok", "the model fake-1 answers (by the Responses API)")


async def test_obeying_the_test_question_would_break_the_schema():
    async with ModelServer(default="doctor_good") as server:
        await found(probe_openai, target_of(server))

    asked = server.journal[-1]
    assert asked["headers"]["authorization"] == f"Bearer {KEY}"
    assert asked["body"]["response_format"]["json_schema"]["strict"] is True
    assert "sentence of prose" in asked["body"]["messages"][-1]["content"]
    assert "json" not in json.dumps(asked["body"]["messages"]).lower()


async def test_a_price_in_the_operators_table_is_known():
    row = {
        "provider": "openai",
        "model": "fake-1",
        "input_usd_per_million": Decimal(1),
        "cached_input_usd_per_million": None,
        "output_usd_per_million": Decimal(2),
    }
    async with ModelServer(default="doctor_good") as server:
        priced = await found(probe_openai, target_of(server, prices=(row,)))
        free = {**row, "input_usd_per_million": 0, "output_usd_per_million": 0}
        gratis = await found(probe_openai, target_of(server, prices=(free,)))

    assert reports(priced, "ok", "known (table)")
    assert reports(gratis, "ok", "known (free)")


async def test_a_slow_answer_is_reported_with_the_deadline():
    @behaviour("doctor_slow")
    async def slow(exchange: Exchange) -> None:
        await asyncio.sleep(0.4 if exchange.path.endswith("completions") else 0)
        await BEHAVIOURS["doctor_good"](exchange)

    async with ModelServer(default="doctor_slow") as server:
        findings = await found(probe_openai, target_of(server, deadline_seconds=0.6))
    assert reports(findings, "warn", "of the call deadline of 0.6 s")


class BelowV1(ModelServer):
    """Has nothing outside /v1, as most servers. `wants_key`: below /v1, it requires a key."""

    wants_key = False

    def refusal(self, exchange):
        if not exchange.path.startswith("/v1/"):
            return 404, {"detail": "Not Found"}
        if self.wants_key:
            return 401, {"error": {"message": "You didn't provide an API key."}}
        return super().refusal(exchange)


@pytest.mark.parametrize("wants_key", [False, True])
async def test_a_base_url_without_v1_is_reported_with_the_correct_one(wants_key):
    async with BelowV1(default="doctor_good") as server:
        server.wants_key = wants_key
        findings = await found(probe_openai, target_of(server, base_url=server.url.removesuffix("/v1")))

        assert (findings[-1].level, findings[-1].remedy) == ("fail", f"set OPENAI_BASE_URL={server.url}")


@pytest.mark.parametrize("path", ["", "/v1", "/api"])
async def test_a_missing_model_is_not_taken_for_a_wrong_address(path):
    async with ModelServer(default="404") as server:
        findings = await found(probe_openai, target_of(server, base_url=f"http://127.0.0.1:{server.port}{path}"))

    assert reports(findings[-1:], "fail", "model fake-1 not found (HTTP 404)")


async def test_a_missing_key_is_not_called_a_wrong_one():
    async with ModelServer(default="401") as server:
        findings = await found(probe_openai, target_of(server, api_key=None))

    assert reports(findings[-1:], "fail", "the server requires a key, but none is set")
    assert findings[-1].remedy == "set OPENAI_API_KEY"


async def test_openai_without_a_key_is_reported_before_anything_is_sent():
    for base_url in (None, "https://api.openai.com/v1"):
        findings = await found(probe_openai, Target(base_url, "gpt-5-mini", None, 1.0))
        assert [(one.level, one.what) for one in findings] == [("fail", "no key is set")]


# --- the connection ---


async def way(base_url: str) -> list[Finding]:
    return [finding async for finding in reach(base_url, variable="OPENAI_BASE_URL")]


@pytest.mark.parametrize("base_url", ["", "host:80", "ftp://host", "http://", "http://[bad", "http://host:99999/v1"])
async def test_an_invalid_address_is_reported(base_url):
    (only,) = await way(base_url)
    assert (only.level, "OPENAI_BASE_URL" in only.remedy) == ("fail", True)


async def test_an_unknown_host_name_is_reported():
    assert reports(await way("https://no-such-host.invalid/v1"), "fail", "no-such-host.invalid does not resolve")


async def test_a_port_without_a_server_is_reported():
    assert reports(await way("http://127.0.0.1:9/v1"), "fail", "refuses connections")


async def test_a_name_is_resolved_and_a_local_server_needs_no_tls():
    async with ModelServer() as server:
        findings = await way(f"http://localhost:{server.port}/v1")
    assert reports(findings, "ok", "localhost is ")
    assert reports(findings, "ok", "accepts connections")
    assert all(one.level == "ok" for one in findings)


async def test_texts_that_would_cross_the_network_unencrypted_are_reported(monkeypatch):
    from rfqflow.llm import connectivity as module

    # No test can reach a server abroad: doctor takes this local one for it.
    monkeypatch.setattr(module.ipaddress, "ip_address", lambda _: type("Public", (), {"is_private": False}))
    async with ModelServer() as server:
        assert reports(await way(f"http://localhost:{server.port}/v1"), "warn", "unencrypted")


async def test_a_server_without_tls_behind_an_https_address_is_reported():
    async with ModelServer() as server:
        assert reports(await way(f"https://127.0.0.1:{server.port}/v1"), "fail", "does not speak TLS")


async def test_a_certificate_of_an_unknown_authority_is_reported(tmp_path):
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def ignore(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(ignore, "localhost", 0, ssl=context) as server:
        findings = await way(f"https://localhost:{server.sockets[0].getsockname()[1]}/v1")

    assert reports(findings, "fail", "not trusted: self-signed certificate")
    assert "SSL_CERT_FILE" in findings[-1].remedy


# --- Ollama and the rules ---


def ollama_says(name: str, content: str, *, status: int = 200, error: str = "") -> None:
    async def reply(exchange: Exchange) -> None:
        if exchange.path == "/api/tags":
            await exchange.send(200, as_json({"models": [{"name": "qwen3:8b"}, {"name": "tiny:latest"}]}))
        elif status != 200:
            await exchange.send(status, as_json({"error": error}))
        else:
            await exchange.send(200, as_json(chat(exchange, content)))

    BEHAVIOURS[name] = reply


ollama_says("ollama_good", CONFORMING)
ollama_says("ollama_prose", PROSE)
ollama_says("ollama_memory", "", status=500, error="model requires more system memory")

OLLAMA_TELLS = {
    ("ollama_good", "qwen3:8b"): [
        ("ok", "the model qwen3:8b is available"),
        ("ok", "the schema is enforced"),
        ("warn", "price"),
    ],
    ("ollama_good", "tiny"): [("ok", "the model tiny is available")],
    ("ollama_good", "gpt-5-mini"): [("fail", "model gpt-5-mini not found")],
    ("ollama_prose", "tiny"): [("warn", "accepted but not enforced")],
    ("ollama_memory", "tiny"): [("fail", "provider_5xx")],
    ("ok", "tiny"): [("fail", "no Ollama answers at this address")],
    ("404", "tiny"): [("fail", "no Ollama answers at this address")],
}


@pytest.mark.parametrize(("given", "expected"), OLLAMA_TELLS.items(), ids=map(str, OLLAMA_TELLS))
async def test_missing_features_of_ollama_are_reported(given, expected):
    behaviour_name, model = given
    async with OllamaServer(default=behaviour_name) as server:
        if behaviour_name == "ok":
            BEHAVIOURS["ok_list"] = BEHAVIOURS["list"]
            server.default = "ok_list"
        findings = await found(probe_ollama, target_of(server, model=model, api_key=None))

    for level, words in expected:
        assert reports(findings, level, words), findings
    assert all(one.remedy for one in findings if one.level != "ok")


async def test_the_rules_need_no_server_and_no_key():
    assert [one.level for one in await found(probe_rules, Target(None, "rules", None, 1.0))] == ["ok"]


# --- the command ---


async def doctor(cwd: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("RFQFLOW_", "OPENAI_", "DATABASE_"))}
    done = await asyncio.to_thread(command_server.run, "doctor", *arguments, env=kept | environment, cwd=cwd)
    return done.returncode, done.stdout + done.stderr


async def test_the_command_prints_a_line_for_each_finding_and_its_exit_code_follows_them(tmp_path):
    async with ModelServer(default="doctor_good") as server:
        environment = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY, "RFQFLOW_MODEL": "fake-1"}
        code, said = await doctor(tmp_path, "--provider", **environment)
        assert (code, KEY in said) == (0, False)
        assert "ok    the schema is enforced (json_schema_strict)\n" in said
        assert "  -> `rfqflow price set openai fake-1 0 0`, if it is free" in said

        code, said = await doctor(tmp_path, "--provider", "openai", "--json", **environment)
        reported = json.loads(said)
        assert (code, reported["failed"]) == (0, 0)
        assert {"group": "provider", "level": "ok", "what": "the server counts tokens", "remedy": ""} in reported[
            "findings"
        ]

        server.default = "doctor_echoes_key"
        code, said = await doctor(tmp_path, **environment)
        assert (code, KEY in said) == (1, False)
        assert "fail  the key is not accepted (HTTP 401)  -> check the key" in said


async def test_a_key_in_an_address_or_in_a_servers_list_is_not_printed(tmp_path):
    doctor_says("doctor_list_of_keys", CONFORMING, listed=(KEY, "\x1b[31mred"))
    async with ModelServer(default="doctor_list_of_keys") as server:
        address = server.url.replace("http://", f"http://user:{KEY}@")
        code, said = await doctor(
            tmp_path, "--provider", OPENAI_BASE_URL=address, OPENAI_API_KEY=KEY, RFQFLOW_MODEL="fake-1"
        )

    assert (code, KEY in said, "\x1b" in said) == (0, False, False)
    assert "available: ***, red" in said


async def test_without_settings_the_rules_pass_and_wrong_arguments_are_usage_errors(tmp_path):
    assert await doctor(tmp_path, "--provider") == (
        0,
        "ok    the built-in rules answer: without network, key or cost\n",
    )
    assert (await doctor(tmp_path, "--provider", "nobody"))[0] == 2
    code, said = await doctor(tmp_path, "--provider", "ollama")
    assert (code, "RFQFLOW_MODEL" in said) == (2, True)


async def test_prices_are_read_from_the_database_where_one_is_set(tmp_path, database, db):
    await db.execute(
        "insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million)"
        " values ('openai', 'fake-1', 1, 2)"
    )
    async with ModelServer(default="doctor_good") as server:
        environment = {"OPENAI_BASE_URL": server.url, "RFQFLOW_MODEL": "fake-1"}
        assert "known (table)" in (await doctor(tmp_path, RFQFLOW_DATABASE_URL=database, **environment))[1]
        away = "postgresql://nobody:secret@127.0.0.1:1/none"
        code, said = await doctor(tmp_path, "--provider", "--database-url", away, **environment)
        assert (code, "is unknown" in said, "secret" in said) == (0, True, False)


async def test_each_model_of_the_chain_is_probed_and_the_address_reported_once(tmp_path):
    async with ModelServer() as server:
        environment = {"OPENAI_BASE_URL": server.url, "RFQFLOW_MODEL": "m1", "RFQFLOW_FALLBACK_MODELS": "m2, m1"}
        _, said = await doctor(tmp_path, "--provider", **environment)

    assert [said.count(f"the model {model} answers") for model in ("m1", "m2")] == [1, 1]
    assert said.count("accepts connections") == 1


async def test_the_first_model_of_a_cascade_is_probed_too(tmp_path, database, db):
    async with ModelServer() as server:
        environment = {"OPENAI_BASE_URL": server.url, "RFQFLOW_MODEL": "m1", "RFQFLOW_DATABASE_URL": database}
        await db.execute("select ai.set_policy('cascade_model', '\"cheap\"')")
        assert "the model cheap" not in (await doctor(tmp_path, "--provider", **environment))[1]
        await db.execute("select ai.set_policy('cascade', '\"model\"')")
        assert "the model cheap answers" in (await doctor(tmp_path, "--provider", **environment))[1]
