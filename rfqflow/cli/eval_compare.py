"""`rfqflow eval compare`, `gate`, `calibrate`, `cascade` and `drift`: decisions based on evaluation runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rfqflow.cli.evaluation import ACTOR, SEED, find_run, with_evaluation_store
from rfqflow.cli.options import database, example, json_
from rfqflow.cli.output import console, print_json, table
from rfqflow.core.errors import ConfigError, RfqflowError

if TYPE_CHECKING:
    from rfqflow.core.answer import Answer
    from rfqflow.core.evaluation.metrics import Result
    from rfqflow.store.evaluation import EvaluationStore

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_LEAST_CLAIMS = 50  # with fewer answers, a curve would fit noise
_FOLDS = 5


@example("rfqflow eval compare rfq@1 rfq@2")
@click.command("compare")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@SEED
@database
@json_
def compare(*, first: str, second: str, seed: int, database_url: str | None, as_json: bool) -> None:
    """Compare two evaluations, paired by case.

    A and B are numbers of `eval list` or prompt versions. The command prints "better", "worse" or "can't tell with n
    cases", and how many cases would show the difference.
    """
    from random import Random

    from rfqflow.core.evaluation import comparison

    async def both(store: EvaluationStore) -> Any:
        return await find_run(store, first), await find_run(store, second)

    (one, results), (other, others) = with_evaluation_store(database_url, both)
    found = comparison.compare(results, others, Random(seed))  # noqa: S311 - draws families, guards nothing
    if as_json:
        print_json({"first": _name(one), "second": _name(other), **asdict(found), "sentence": found.sentence})
        return
    click.echo(f"{_name(other)} against {_name(one)}:\n{found.sentence}\n")
    if found.detectable is not None:
        click.echo(f"minimum detectable difference at 80 % power: {found.detectable * 100:.1f} points")
    click.echo(f"only {_name(one)} right: {found.only_first}, only {_name(other)} right: {found.only_second}")
    if found.not_paired:
        click.echo(f"{found.not_paired} cases are in only one of the evaluations, so they were not compared")
    columns = ("figure", "A", "B", "B - A", "95 % interval")
    rows = [
        [
            difference.name,
            f"{difference.first:.4g}",
            f"{difference.second:.4g}",
            f"{difference.value:+.4g}",
            f"{difference.low:+.4g} to {difference.high:+.4g}",
        ]
        for difference in (found.route, *found.others)
    ]
    rows += [
        [name, *map(str, pair), f"{pair[1] - pair[0]:+d}", ""]
        for name, pair in (("injection success", found.steered), ("false skips", found.false_skips))
    ]
    console().print(table(None, columns, rows))


@example("rfqflow eval gate --config gate.toml")
@click.command("gate")
@click.option(
    "--config", required=True, type=_EXISTING, help="TOML file with thresholds: [minimum], [maximum], [baseline]."
)
@click.option("--run", help="Number of `eval list`, or prompt version. Default: the latest evaluation.")
@SEED
@database
@json_
def gate(*, config: Path, run: str | None, seed: int, database_url: str | None, as_json: bool) -> None:
    """Fail if an evaluation misses a threshold.

    Use this command in CI. It exits with 1 if the evaluation misses a threshold or is clearly worse than the baseline.
    """
    import tomllib
    from random import Random

    from rfqflow.core.evaluation import quality_gate
    from rfqflow.core.evaluation.comparison import compare as compared

    try:
        wanted = tomllib.loads(config.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config}: {error}") from None
    baseline, effect = quality_gate.baseline_of(wanted)

    async def find(store: EvaluationStore) -> Any:
        return await find_run(store, run), await find_run(store, baseline) if baseline else None

    (about, results), base = with_evaluation_store(database_url, find)
    comparison = None
    if base is not None:
        chance = Random(seed)  # noqa: S311 - draws families, guards nothing
        comparison = compared(base[1], results, chance, minimum_effect=effect)
    checks = quality_gate.check(wanted, about["report"], comparison)
    if as_json:
        print_json({"run": about["eval_run"], "checks": [{"passed": ok, "check": check} for ok, check in checks]})
    else:
        click.echo(f"{_name(about)}:")
        for passed, check in checks:
            click.secho(f"{'passed' if passed else 'FAILED'}  {check}", fg="green" if passed else "red")
    failed = sum(not passed for passed, _ in checks)
    if failed:
        raise RfqflowError(f"{failed} of {len(checks)} checks failed")


@example("rfqflow eval calibrate 7 --actor ada")
@click.command("calibrate")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--drop", is_flag=True, help="Remove the calibration of RUN's prompt and model.")
@ACTOR
@database
@json_
def calibrate(*, run: str | None, drop: bool, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Fit a calibration of confidence from RUN.

    Workers then map a model's confidence to the accuracy that RUN measured. Default: the latest evaluation.
    """
    from rfqflow.core.evaluation import calibration

    async def save(store: EvaluationStore) -> dict[str, Any]:
        about, results = await find_run(store, run)
        version, model = about["prompt_version"], about["model"]
        if drop:
            return {"prompt_version": version, "model": model, "dropped": await store.drop_calibration(version, model)}
        claims = _claims(results)
        if len(claims) < _LEAST_CLAIMS:
            raise RfqflowError(
                f"{len(claims)} answers are too few: a calibration needs {_LEAST_CLAIMS} answers, better some hundreds"
            )
        points = calibration.isotonic(claims).points
        errors = calibration.expected_error(claims), calibration.expected_error(_cross_validated(results))
        await store.save_calibration(version, model, points, len(claims), errors, about["eval_run"], actor)
        return {
            "prompt_version": version, "model": model, "cases": len(claims), "error_before": round(errors[0], 4),
            "error_after": round(errors[1], 4), "points": points,
        }  # fmt: skip

    done = with_evaluation_store(database_url, save)
    if as_json:
        print_json(done)
    elif drop:
        click.echo(
            f"{done['prompt_version']} with {done['model']}: "
            f"{'dropped' if done['dropped'] else 'no calibration existed'}"
        )
    else:
        click.echo(
            f"{done['prompt_version']} with {done['model']}: calibration error {done['error_before']:.3f} "
            f"before, {done['error_after']:.3f} after (cross-validated), from {done['cases']} answers"
        )
        if done["error_after"] >= done["error_before"]:
            click.echo(
                "the calibration does not reduce the cross-validated error: "
                "remove it with `rfqflow eval calibrate --drop`"
            )


@example("rfqflow eval cascade 6 7")
@click.command("cascade")
@click.argument("cheap", metavar="A")
@click.argument("expensive", metavar="B")
@SEED
@database
@json_
def cascade(*, cheap: str, expensive: str, seed: int, database_url: str | None, as_json: bool) -> None:
    """Estimate savings and lost accuracy of a cascade.

    The cascade asks model B only if model A is unsure. A and B are numbers of `eval list` or prompt versions.
    """
    from random import Random

    from rfqflow.core.decisions import verdict
    from rfqflow.core.evaluation.calibration import CalibrationCurve
    from rfqflow.core.evaluation.cascade_analysis import steps
    from rfqflow.core.policy import Policy

    async def find(store: EvaluationStore) -> Any:
        one, other = await find_run(store, cheap), await find_run(store, expensive)
        points = await store.calibration(one[0]["prompt_version"], one[0]["model"])
        return one, other, points, Policy.from_values(await store.policy()), await store.routes()

    (one, results), (other, others), points, policy, routes = with_evaluation_store(database_url, find)
    worth = CalibrationCurve(tuple((x, y) for x, y in points))
    fallbacks = {route.slug for route in routes if route.fallback}

    def stands(answer: Answer, threshold: float) -> bool:
        """Whether a worker would accept the first model's answer."""
        mapped = answer.model_copy(update={"confidence": worth(answer.confidence)})
        return verdict.needs_no_second_opinion(mapped, replace(policy, cascade_confidence=threshold), fallbacks)

    found = steps(results, others, Random(seed), stands)  # noqa: S311 - draws families, guards nothing
    if not found:
        raise RfqflowError("the two evaluations share no case")
    if as_json:
        print_json([asdict(step) for step in found])
        return
    mapped = "calibrated" if points else "as said"
    click.echo(f"{_name(one)} first, {_name(other)} if it is unsure (confidence {mapped}):\n")
    rows = [
        [f"{step.threshold:.2f}", f"{step.kept.value:.0%}", f"{step.accuracy.value:.1%}",
         f"{step.lost * 100:+.1f} ({step.low * 100:+.1f} to {step.high * 100:+.1f})",
         "unknown" if step.usd_per_rfq is None else f"{step.usd_per_rfq:.6f}",
         "unknown" if step.saved is None else f"{step.saved:.0%}"]
        for step in found
    ]  # fmt: skip
    columns = ("threshold", "one call only", "accuracy", "points lost (95 %)", "USD per RFQ", "cost saved")
    console().print(table(None, columns, rows))
    first = "cascade rules" if one["provider"] == "rules" else f"cascade_model {one['model']}` and `cascade model"
    click.echo(f"\n`rfqflow policy set {first}`, with `cascade_confidence`, turns it on")


@example("rfqflow eval drift --weeks 9")
@click.command("drift")
@click.option(
    "--weeks",
    type=click.IntRange(2, 52),
    default=9,
    show_default=True,
    help="Number of weeks, including the last seven days.",
)
@database
@json_
def drift(*, weeks: int, database_url: str | None, as_json: bool) -> None:
    """Compare the last seven days with the weeks before.

    The command compares routes, languages, confidence and overrides.
    """
    from rfqflow.core.evaluation.drift import drifts

    found = drifts(with_evaluation_store(database_url, lambda store: store.weekly(weeks)))
    if as_json:
        print_json([asdict(drift) for drift in found])
    else:
        rows = [
            [
                drift.what, "MOVED" if drift.warns else "steady" if drift.enough else "too few RFQs to compare",
                f"{drift.moved:.1%}", f"{drift.p:.2g}", ", ".join(
                    f"{name} {drift.past.get(name, 0):.0%} > {drift.lately.get(name, 0):.0%}"
                    for name in drift.most_moved[:3]
                ),
            ]
            for drift in found
        ]  # fmt: skip
        console().print(table(None, ("share by", "verdict", "moved", "p", "most (before > now)"), rows))
    if any(drift.warns for drift in found):
        raise RfqflowError("the last seven days differ from the weeks before in " + ", ".join(
            drift.what for drift in found if drift.warns
        ))  # fmt: skip


def _name(about: dict[str, Any]) -> str:
    return f"{about['prompt_version']} with {about['model']} (evaluation {about['eval_run']})"


def _claims(results: list[Result]) -> list[tuple[float, bool]]:
    return [(result.answer.confidence, result.right) for result in results if result.routed and result.answer]


def _cross_validated(results: list[Result]) -> list[tuple[float, bool]]:
    """Each answer's confidence, by a calibration from all other families of cases; and whether the answer is right."""
    from rfqflow.core.evaluation import calibration

    fold_of = {
        family: at % _FOLDS for at, family in enumerate(sorted({str(result.facts.get("family")) for result in results}))
    }
    found = []
    for fold in range(_FOLDS):
        inside = [result for result in results if fold_of[str(result.facts.get("family"))] == fold]
        rest = calibration.isotonic(
            _claims([result for result in results if fold_of[str(result.facts.get("family"))] != fold])
        )
        found += [(rest(said), right) for said, right in _claims(inside)]
    return found
