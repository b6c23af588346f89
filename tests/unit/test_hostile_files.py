"""A hostile file harms its own reading alone: each reading ends within its limits, and the others succeed."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rfqflow import attachments
from rfqflow.attachments.reader import isolation, read_file
from rfqflow.core.attachments.encoding import to_json
from rfqflow.core.attachments.limits import ReadingLimits
from rfqflow.core.attachments.model import FileKind, FileReading, ReadingState, UnreadReason
from tests.support.hostile_files import HOSTILE, MIB
from tests.support.made_files import pdf, pdf_text
from tests.support.reading_files import read, texts

pytestmark = pytest.mark.skipif(not attachments.available(), reason="needs rfqflow[attachments]")
LIMITS = ReadingLimits(
    cpu_seconds=8,
    expanded_bytes=24 * MIB,
    characters=100_000,
    lines=3_000,
    pages=20,
    wall_seconds=200,
    memory_bytes=600 * MIB,
)


def _all(reading: FileReading) -> list[FileReading]:
    return [reading, *(inner for each in reading.nested for inner in _all(each))]


def _within_limits(found: FileReading) -> bool:
    files = _all(found)
    lines = [line.text for each in files for line in each.lines]
    return (
        len(files) <= LIMITS.files + 1
        and len(lines) <= LIMITS.lines
        and sum(map(len, lines)) <= LIMITS.characters + LIMITS.line_characters
        and all(len(text) <= LIMITS.line_characters and text.replace("\t", " ").isprintable() for text in lines)
        and "root:" not in "".join(lines)
    )


@pytest.mark.fault("A1")
@pytest.mark.timeout(400)
def test_each_hostile_file_ends_alone_with_its_reason_and_cut_text_is_reported():
    """One test, so that one process reads all of them."""

    async def all_of_them() -> list[FileReading]:
        return await asyncio.gather(*(read_file(name, "", make(), LIMITS) for name, (make, _) in HOSTILE.items()))

    ends = dict(zip(HOSTILE, asyncio.run(all_of_them()), strict=True))

    wrong = {
        name: found.reason or found.state
        for name, found in ends.items()
        if (found.reason or found.state).value not in HOSTILE[name][1]
    }
    assert wrong == {}
    assert [name for name, found in ends.items() if not _within_limits(found)] == []

    assert ends["pages.pdf"].pages == 10_000
    assert texts(ends["pages.pdf"]) == [f"Page {number}" for number in range(20)]
    for name in (
        "pages.pdf",
        "line.csv",
        "line.txt",
        "lines.txt",
        "million.zip",
        "parts.eml",
        "frames.tiff",
        "many cells.docx",
    ):
        assert ends[name].cut, name

    # The content of a hostile container ends by itself.
    (bomb,) = ends["with bomb.eml"].nested
    assert bomb.reason is UnreadReason.TOO_LARGE
    assert texts(ends["with bomb.eml"])[-1] == "See the file"
    deepest = _all(ends["mails.eml"])[-1]
    assert (deepest.kind, deepest.reason) == (FileKind.EML, UnreadReason.NESTED_TOO_DEEP)
    assert _all(ends["again.zip"])[-1].reason is UnreadReason.NESTED_TOO_DEEP

    # Formulas are text, the first signature of a polyglot counts, and names are plain.
    assert texts(ends["formulas.csv"])[1:] == [
        "=cmd|' /C calc'!A0\t1",
        "@SUM(1+1)\t-2",
        '=HYPERLINK("http://x.example")\t3',
    ]
    assert texts(ends["formulas.xlsx"]) == ["12"]
    assert texts(ends["both.pdf"]) == ["I am a PDF document"]
    assert ends["gnp.\u202efdp.exe"].name == "gnp.fdp.exe"


# -- children that misbehave -------------------------------------------------------------------------------------------


def child(code: str, limits: ReadingLimits | None = None, content: object = b"hello") -> FileReading:
    return asyncio.run(
        read_file(
            "a.txt",
            "",
            content,
            limits or ReadingLimits(),
            command=[sys.executable, "-I", "-S", "-c", f"import os, sys, json, time, signal\n{code}"],
        )
    )


OTHER = FileReading("a", FileKind.TEXT, ReadingState.READ, pages=1)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os.kill(os.getpid(), 9)", "memory"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "broken"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "timeout"),
        ("os.close(0); sys.exit(0)", "broken"),
        ("print('{}')", "broken"),
        ("print('[' * 100000)", "broken"),
        (
            "print(json.dumps({'name': 'x', 'kind': 'text', 'state': 'read', 'lines': [[1, 1, 'a']] * 200000}))",
            "broken",
        ),
        ("while True: os.write(1, b'x' * 65536)", "broken"),
        ("os.write(1, bytes(range(256)))", "broken"),
    ],
)
@pytest.mark.fault("A2")
def test_a_child_that_dies_floods_or_lies_fails_its_own_reading(code, reason):
    found = child(code, ReadingLimits(output_bytes=4 * MIB, wall_seconds=60))

    assert found.state is ReadingState.FAILED
    assert found.reason.value == reason


@pytest.mark.fault("A2")
def test_a_child_that_hangs_is_killed_with_its_children_while_the_loop_continues():
    ticks = 0

    async def story() -> FileReading:
        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.02)
                ticks += 1

        ticking = asyncio.create_task(tick())
        code = "import os, time\nif os.fork():\n os.close(1)\ntime.sleep(3600)"
        found = await read_file(
            "a", "", b"x", ReadingLimits(wall_seconds=1.5), command=[sys.executable, "-I", "-S", "-c", code]
        )
        ticking.cancel()
        return found

    assert asyncio.run(story()).reason is UnreadReason.TIMEOUT
    assert ticks > 5


def test_a_child_that_reads_nothing_does_not_keep_an_endless_file_from_ending():
    async def endless():
        while True:
            yield b"x" * MIB

    assert child("time.sleep(3600)", ReadingLimits(wall_seconds=1.5), endless()).reason is UnreadReason.TIMEOUT
    assert (
        child("sys.stdin.buffer.read()", ReadingLimits(file_bytes=3 * MIB), endless()).reason is UnreadReason.TOO_LARGE
    )


def test_an_error_of_a_files_source_is_raised():
    async def torn():
        yield b"x"
        raise ConnectionAbortedError("the database is gone")

    async def failing():
        yield b"x"
        raise LookupError("no such row")

    with pytest.raises(LookupError):
        child("sys.stdin.buffer.read()", content=failing())
    with pytest.raises(ConnectionAbortedError):
        child("sys.stdin.buffer.read()", content=torn())


def test_a_child_has_no_environment_no_files_and_an_empty_folder(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a secret")
    code = (
        "sys.stdin.buffer.read()\n"
        "names = sorted(set(os.environ) - {'LC_CTYPE', 'LD_LIBRARY_PATH'})\n"
        "found = f'{names} {os.listdir()} {len(os.listdir(\"/proc/self/fd\"))} {os.getpgid(0) == os.getpid()}'\n"
        f"print(json.dumps({json.loads(json.dumps(to_json(OTHER)))!r} | {{'lines': [[1, 1, found]]}}))"
    )
    with Path(os.devnull).open():  # a descriptor that no child inherits
        found = child(code)

    assert texts(found) == ["[] [] 4 True"]


# -- limits that the kernel enforces on readers ------------------------------------------------------------------------

TRIES = """
import ctypes, json, os, socket, subprocess, sys
from rfqflow.attachments.child import lockdown
from rfqflow.core.attachments.limits import ReadingLimits
lockdown.limit(ReadingLimits())
alone = lockdown.leave_network()
tries = {
    "socket": lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5),
    "read": lambda: open("/etc/hostname").read(),
    "list": lambda: os.listdir(os.path.expanduser("/")),
    "write": lambda: open(sys.argv[2], "w").write("x"),
    "run": lambda: subprocess.run(["/bin/true"]),
    "fork": os.fork,
    "kill": lambda: os.kill(os.getppid(), 0),
    "memory": lambda: bytearray(2 << 30),
}
held = lockdown.lock()
found = {}
for name, action in tries.items():
    try:
        action()
        found[name] = "done"
    except (OSError, MemoryError) as error:
        found[name] = type(error).__name__
import email.charset  # libraries can still be loaded
os.write(1, json.dumps([alone, held, found]).encode())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel takes part on Linux only")
def test_a_locked_process_reaches_no_network_no_file_and_no_process(tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        done = subprocess.run(
            [sys.executable, "-c", TRIES, str(server.getsockname()[1]), str(tmp_path / "x")],
            capture_output=True,
            timeout=60,
            check=True,
        )
    alone, (files, calls), found = json.loads(done.stdout)

    reported = isolation()
    assert (("no network" in reported), ("no files" in reported), ("no processes" in reported)) == (
        alone or calls,
        files,
        calls,
    )
    assert found["memory"] == "MemoryError"
    if alone or calls:
        assert found["socket"] != "done"
    if files:
        assert {found["read"], found["list"], found["write"]} == {"PermissionError"}
    if calls:
        assert {found["run"], found["fork"], found["kill"]} == {"PermissionError"}
    assert not (tmp_path / "x").exists()


def test_a_file_of_25_mb_keeps_the_calling_process_within_its_goal():
    code = """
import asyncio
from rfqflow.attachments.reader import read_file
async def pieces():
    for _ in range(400):
        yield b"Part;Qty;Text\\nV-20;40;a pump\\n" * 2_000
found = asyncio.run(read_file("a.csv", "", pieces()))
whole = asyncio.run(read_file("b.txt", "", b"please quote five pumps\\n" * 1_000_000))
import sys
assert not {"PIL", "pypdfium2", "docx", "lxml", "olefile", "python_calamine", "selectolax"} & set(sys.modules)
peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))
print(len(found.lines), found.cut, whole.cut, int(peak.split()[1]) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=110, check=False)
    lines, cut, whole, peak = done.stdout.split()

    assert (int(lines), cut, whole) == (20_000, "True", "True"), done.stderr
    assert int(peak) < 110  # a daemon's goal is 150 MiB, and its own code takes more than this process


def test_a_file_above_the_size_limit_is_not_read():
    assert read(b"x" * 2000, limits=ReadingLimits(file_bytes=1000)).reason is UnreadReason.TOO_LARGE


async def test_a_reader_that_runs_out_of_time_keeps_the_pages_that_it_has_read():
    # So many strokes that no machine reads all pages in time; and few lines, which are quickly written out.
    page = [pdf_text(50, 800, "Bracket"), *["0 0 m 9 9 l S"] * 2_000]
    limits = ReadingLimits(wall_seconds=8, cpu_seconds=100, pages=5_000, lines=100_000)

    found = await read_file("slow.pdf", "", pdf([page] * 3_000), limits)

    assert (found.state, found.cut) == (ReadingState.READ, True)
    assert found.lines[0].text == "Bracket"
    assert len(found.lines) < 3_000
