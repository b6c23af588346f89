"""docs/recipes.md is true: its recipes run with the real libraries.

The recipes for Node need packages that rfqflow does not depend on. They run where a folder with the packages exists:

    npm install pg prisma@7 @prisma/client@7 @prisma/adapter-pg@7
    RFQFLOW_TEST_NODE_MODULES=$PWD/node_modules python -m pytest tests/end_to_end/test_recipes.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from tests.support.mapped_tables import rfqflow

NODE = shutil.which("node")
MODULES = os.environ.get("RFQFLOW_TEST_NODE_MODULES", "")
LATER = {"python": "# later\n", "js": "// later\n"}

SETTINGS = """
import os, urllib.parse
at = urllib.parse.urlsplit(os.environ["DATABASE_URL"])
SECRET_KEY, USE_TZ, INSTALLED_APPS, DEFAULT_AUTO_FIELD = "x", True, ["sales"], "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": at.path[1:], "USER": at.username,
    "PASSWORD": at.password or "", "HOST": at.hostname, "PORT": at.port}}
"""
DJANGO = "import django\ndjango.setup()\nfrom sales.models import *\n"
DRAIN = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'rfqflow', 'run', '--drain'], check=True)\n"
DRAIN_JS = (
    'import { execFileSync } from "node:child_process";\n'
    'execFileSync(process.env.PYTHON, ["-m", "rfqflow", "run", "--drain"], { stdio: "ignore" });\n'
)


@pytest.fixture(scope="module")
def recipes(repository) -> dict[str, list[str]]:
    """The blocks, by the words after their fences."""
    found: dict[str, list[str]] = {}
    for tag, text in re.findall(
        r"^```(.+?)\n(.*?)^```", (repository / "docs/recipes.md").read_text(), re.DOTALL | re.MULTILINE
    ):
        found.setdefault(tag, []).append(text)
    return found


def run(words: list[str], dsn: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, timeout=100, check=False,
        env={**os.environ, "DATABASE_URL": dsn, "RFQFLOW_DATABASE_URL": dsn, "RFQFLOW_PROVIDER": "rules",
             "RFQFLOW_LOG_LEVEL": "error", "PYTHON": sys.executable, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def migrated(recipes: dict[str, list[str]], tag: str, dsn: str, cwd: Path) -> None:
    (cwd / "mapping.toml").write_text(recipes[f"toml {tag}"][0])
    done = rfqflow("migrate", "--map", str(cwd / "mapping.toml"), dsn=dsn)
    assert done.returncode == 0, done.stderr


async def ends(dsn: str) -> list[tuple[object, ...]]:
    conn = await connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch("select ai_status, ai_route from ai.rfqs order by message")]
    finally:
        await conn.close()


async def test_the_recipe_for_django_works(recipes, empty_database, tmp_path):
    models, use = recipes["python django"]
    insert, read = use.split(LATER["python"])
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales/__init__.py").touch()
    (tmp_path / "sales/models.py").write_text(models)
    (tmp_path / "at.py").write_text(SETTINGS)

    def django(*words: str) -> str:
        return run([sys.executable, "-W", "error", *words], empty_database, tmp_path, DJANGO_SETTINGS_MODULE="at")

    django("-m", "django", "makemigrations", "sales", "--pythonpath", ".")
    django("-m", "django", "migrate", "--pythonpath", ".")
    migrated(recipes, "django", empty_database, tmp_path)

    waiting = "print('waits', list(Inquiry.objects.values_list('ai__status', flat=True)))\n"
    said = django("-c", DJANGO + insert + waiting + DRAIN + read)

    assert "waits [None]" in said
    assert re.search(r"^1 mechanical .*housing", said, re.MULTILINE), said
    assert await ends(empty_database) == [("done", "mechanical")]
    django("-c", DJANGO + "Inquiry.objects.get().delete()")
    assert await ends(empty_database) == []


async def test_the_recipe_for_sqlalchemy_works(recipes, empty_database, tmp_path):
    models, use = recipes["python sqlalchemy"]
    insert, read = use.split(LATER["python"])
    setup = "import os\nurl = 'postgresql+psycopg' + os.environ['DATABASE_URL'].removeprefix('postgresql')\n" + models
    # An earlier table without our columns. The statement that SQLAlchemy sends must not name these columns.
    create = (
        "from sqlalchemy import create_engine\nmade = Base.metadata.tables['inquiry'].to_metadata(type(Base.metadata)())\n"
        "for column in [c for c in made.columns if c.name.startswith('ai_')]: made._columns.remove(column)\n"
        "made.create(create_engine(url))\n"
    )
    run([sys.executable, "-c", setup + create], empty_database, tmp_path)
    migrated(recipes, "sqlalchemy", empty_database, tmp_path)

    watch = (
        "from sqlalchemy import event, Engine\n"
        "event.listens_for(Engine, 'before_cursor_execute')(lambda c, cur, statement, *a: print('>', ' '.join(statement.split())))\n"
    )
    said = run([sys.executable, "-W", "error", "-c", setup + watch + insert + DRAIN + read], empty_database, tmp_path)

    (statement,) = re.findall(r"^> INSERT INTO inquiry \((.*?)\)", said, re.MULTILINE)
    assert "ai_" not in statement
    assert re.search(r"^1 mechanical .*housing", said, re.MULTILINE), said
    assert await ends(empty_database) == [("done", "mechanical")]


async def test_columns_that_sqlalchemys_create_all_makes_work_too(recipes, empty_database, tmp_path):
    models, use = recipes["python sqlalchemy"]
    insert, read = use.split(LATER["python"])
    setup = "import os\nurl = 'postgresql+psycopg' + os.environ['DATABASE_URL'].removeprefix('postgresql')\n" + models
    run(
        [sys.executable, "-c", setup + "from sqlalchemy import create_engine\nBase.metadata.create_all(create_engine(url))"],
        empty_database, tmp_path,
    )  # fmt: skip
    migrated(recipes, "sqlalchemy", empty_database, tmp_path)

    said = run([sys.executable, "-c", setup + insert + DRAIN + read], empty_database, tmp_path)

    assert re.search(r"^1 mechanical .*housing", said, re.MULTILINE), said


@pytest.fixture
def node_folder(tmp_path) -> Path:
    if not NODE:
        pytest.skip("there is no node")
    if not MODULES:
        pytest.skip("RFQFLOW_TEST_NODE_MODULES names no folder with pg and Prisma in it: see the module's first lines")
    (tmp_path / "node_modules").symlink_to(Path(MODULES).resolve())
    return tmp_path


async def test_the_recipe_for_node_postgres_works(recipes, database, node_folder):
    insert, read = recipes["js node-postgres"][0].split(LATER["js"])
    (node_folder / "it.mjs").write_text(insert + DRAIN_JS + read)

    said = run([NODE, "it.mjs"], database, node_folder)

    assert re.match(r"done mechanical .*housing", said), said


async def test_the_recipe_for_prisma_works(recipes, database, node_folder):
    insert, read = recipes["js prisma"][0].split(LATER["js"])
    # Only migrations need the engine, which would have to be downloaded. A client is generated without it.
    head = 'generator client {\n  provider = "prisma-client-js"\n}\ndatasource db {\n  provider = "postgresql"\n}\n'
    (node_folder / "schema.prisma").write_text(head + recipes["prisma"][0])
    (node_folder / "it.mjs").write_text(insert + DRAIN_JS + read)
    (node_folder / "package.json").write_text(json.dumps({"name": "recipe", "private": True}))
    run([NODE, "node_modules/prisma/build/index.js", "generate", "--schema", "schema.prisma"], database, node_folder,
        PRISMA_SCHEMA_ENGINE_BINARY="/bin/true", CHECKPOINT_DISABLE="1")  # fmt: skip

    said = run([NODE, "it.mjs"], database, node_folder)

    assert re.match(r"done mechanical .*housing", said), said


async def test_supabase_notifies_and_shows_an_answer_to_its_own_customer_only(recipes, repository, open_folder):
    settings = {"wal_level": "logical", "fsync": "off", "max_replication_slots": "2"}
    closing = (repository / "docs/how-to/supabase.md").read_text().split("```sql supabase\n")[1].split("```")[0]
    with EmbeddedPostgres(open_folder / "supabase", settings=settings) as server:
        db = await connect(server.dsn)
        # Stubs of the objects that Supabase has.
        await db.execute(
            "create role anon nologin; create role authenticated nologin; create role service_role nologin bypassrls;"
            "grant usage on schema public to anon, authenticated, service_role; create schema auth;"
            "create function auth.jwt() returns jsonb language sql stable as $$ "
            "select nullif(current_setting('request.jwt.claims', true), '')::jsonb $$;"
            "grant usage on schema auth to authenticated; create publication supabase_realtime"
        )
        for what in ("tables", "functions"):
            await db.execute(
                f"alter default privileges in schema public grant all on {what} to anon, authenticated, service_role"
            )
        await migrate.migrate(db)
        await db.execute(closing)
        await db.execute(recipes["sql supabase"][0])
        await db.execute(
            "set role anon; insert into public.rfq_requests (email, message) values "
            "('ada@example.com', 'Please quote 250 pcs of housing 7-114, EN-GJL-250.'), "
            "('eve@example.com', 'Please quote 20 pumps, 3 kW, stainless steel.'); reset role"
        )
        await db.execute("select pg_create_logical_replication_slot('realtime', 'pgoutput')")

        done = rfqflow("run", "--drain", dsn=server.dsn)
        assert done.returncode == 0, done.stderr

        changes = await db.fetch(
            "select chr(get_byte(data, 0)) as kind, data from pg_logical_slot_get_binary_changes('realtime', null, null, "
            "'proto_version', '1', 'publication_names', 'supabase_realtime')"
        )
        reported = [row["data"] for row in changes if row["kind"] == "U"]
        assert len(reported) == 2
        assert all(b"done" in one for one in reported)

        await db.execute(
            """select set_config('request.jwt.claims', '{"email": "ada@example.com"}', false); set role authenticated"""
        )
        seen = await db.fetch("select email, ai_status from public.rfq_requests")
        assert [tuple(row) for row in seen] == [("ada@example.com", "done")]
        for refused in ("select message from public.rfq_requests", "select * from ai.enrichment",
                        "update public.rfq_requests set ai_route = 'x'"):  # fmt: skip
            with pytest.raises(Exception, match="permission denied"):
                await db.execute(refused)
        await db.close()
