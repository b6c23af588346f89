"""python -m tests.corpus.learn: learns the weights of rfqflow/core/words/spam_wording.txt from the labelled texts.

A logistic regression on the features of rfqflow/core/screening/wording.py, fitted by AdaGrad: the same texts give the
same file. It leaves out the texts that are held out, and the halves that no developer reads. `--across` writes no file:
it learns without each batch in turn, and prints how much spam of that batch it then finds.
"""

import argparse
import json
import math
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rfqflow.core.rules.text import plainest, words
from rfqflow.core.screening.wording import Wording, features
from rfqflow.core.text.reading import Reading

CORPUS = Path(__file__).parent
WRITTEN = CORPUS.parents[1] / "rfqflow" / "core" / "words" / "spam_wording.txt"
_HEAD = """# What the wording of a text weighs, learnt by python -m tests.corpus.learn from tests/corpus: change the texts, not this file.
# A weight and what has it: words, how words begin (*), and how two begin that follow each other. 0 is any number.
"""
_FEWEST = 2  # the least number of texts that have a feature
_SMALLEST = 0.05
_EPOCHS, _RATE, _DECAY, _JUNK_WEIGHS, _STEADY = 20, 0.2, 6e-3, 3.0, 40  # _STEADY: rare features weigh little
_BIAS = -0.3  # not learnt: without a known word, a text counts as a customer's
_PARTS = 6  # parts of a large file; each is left out in turn


class Sample(NamedTuple):
    """A text to learn from."""

    fold: str
    is_junk: bool
    text: str

    @property
    def features(self) -> frozenset[str]:
        return frozenset(features(words(plainest(Reading.of(self.text).shown[:6000]))))


def samples() -> Iterator[Sample]:
    """All labelled texts that may be used for learning."""
    for name, rows in (("dev", _rows("rfqs_dev")), ("screening", _rows("screening")), ("rules", _rows("rules")),
                       ("wording", _rows("wording"))):  # fmt: skip
        for row in rows:
            gate = row["labels"]["gate"] if "labels" in row else row["gate"]
            if gate in (None, "spam") and row.get("half") != "held out":
                fold = f"{name} {row['batch']}" if "batch" in row else _part(name, row["id"])
                yield Sample(fold, gate == "spam", row["message"])
    requests = (
        *(("routes", row, row["message"]) for row in _rows("routes")),
        *(("injections", row, row["clean"]) for row in _rows("injections")),
        *(("steering", row, row["message"]) for row in _rows("steering") if not (row["steers"] or row["held"])),
        *(("answers", row, row["message"]) for row in _rows("answers") if row.get("labels", {}).get("route")),
    )
    for name, row, text in requests:
        yield Sample(_part(name, row["id"]), False, text)


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def _part(name: str, text_id: str) -> str:
    return f"{name} {zlib.crc32(text_id.encode()) % _PARTS}"


def learn(texts: Sequence[tuple[frozenset[str], bool]]) -> tuple[dict[str, float], float]:
    """Learns weights from features and labels; returns them with the bias that was fixed before."""
    counted = Counter(feature for found, _ in texts for feature in found)
    weights = {feature: 0.0 for feature in sorted(counted) if counted[feature] >= _FEWEST}
    squares = dict.fromkeys(weights, 1e-6)
    rows = [(sorted(found & weights.keys()), is_junk) for found, is_junk in texts]
    rows.sort()
    order = random.Random(0)  # the same order in each run
    for _ in range(_EPOCHS):
        order.shuffle(rows)
        for found, is_junk in rows:
            norm = (len(found) + _STEADY) ** -0.5
            logit = _BIAS + norm * sum(map(weights.__getitem__, found))
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))) - is_junk
            error *= _JUNK_WEIGHS if is_junk else 1.0
            for feature in found:
                slope = error * norm + _DECAY * weights[feature]
                squares[feature] += slope * slope
                weights[feature] -= _RATE * slope / math.sqrt(squares[feature])
    kept = {feature: round(weight, 1) for feature, weight in weights.items() if abs(weight) >= _SMALLEST}
    return kept, _BIAS


def written(weights: dict[str, float], bias: float) -> str:
    """The text of the file: features by weight, the heaviest first."""
    by_weight: defaultdict[float, list[str]] = defaultdict(list)
    for feature, weight in weights.items():
        by_weight[weight].append(feature)
    lines = (f"{weight:g}: {', '.join(sorted(by_weight[weight]))}" for weight in sorted(by_weight, reverse=True))
    return f"{_HEAD}\n[bias]\n{bias:g}\n\n[weights]\n" + "\n".join(lines) + "\n"


def across(texts: Sequence[Sample]) -> Iterator[str]:
    """How well each part is classified with weights from all other parts."""
    found = [(sample, sample.features) for sample in texts]
    for fold in sorted({sample.fold for sample in texts}):
        weights, bias = learn([(feats, sample.is_junk) for sample, feats in found if sample.fold != fold])
        wording = Wording(weights.items(), bias)
        scores = [
            (sample.is_junk, wording.score(words(plainest(Reading.of(sample.text).shown[:6000]))))
            for sample in texts
            if sample.fold == fold
        ]
        junk = [score for is_junk, score in scores if is_junk]
        highest = max((score for is_junk, score in scores if not is_junk), default=0.0)
        yield f"{fold:16} {sum(score > 1 for score in junk):4} of {len(junk):4} above 1, the highest request {highest:.1f}"


def main(*, is_across: bool) -> None:
    """Learns and writes the file, or learns without each part in turn."""
    texts = list(samples())
    if is_across:
        for line in across(texts):
            print(line, flush=True)
        return
    weights, bias = learn([(sample.features, sample.is_junk) for sample in texts])
    WRITTEN.write_text(written(weights, bias), "utf-8")
    print(f"{len(texts)} texts, {len(weights)} weights, {WRITTEN.stat().st_size} bytes")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--across", action="store_true")
    main(is_across=options.parse_args().across)
