"""Shows what a worker would read from files: python -m rfqflow.attachments FILE..."""

import asyncio
import json
import sys
from pathlib import Path

from rfqflow.attachments.reader import read_file
from rfqflow.core.attachments.encoding import to_json


def main() -> int:
    """Writes each file's reading as a line of JSON. Returns 1 if a file could not be opened."""
    if not sys.argv[1:]:
        sys.stderr.write("python -m rfqflow.attachments FILE...\n")
        return 2
    ended = 0
    for name in sys.argv[1:]:
        try:
            content = Path(name).read_bytes()
        except OSError as error:
            sys.stderr.write(f"{name}: {error.strerror}\n")
            return 2
        reading = asyncio.run(read_file(name, "", content))
        sys.stdout.write(json.dumps(to_json(reading, images=False), ensure_ascii=False) + "\n")
        ended = ended or int(reading.reason is not None)
    return ended


if __name__ == "__main__":
    sys.exit(main())
