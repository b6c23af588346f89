"""Named points of a worker at which the project's own tests hurt it. Off, as ever but there, each is an empty call.

`RFQFLOW_FAILPOINTS="before_send=kill@12,after_reply=sleep:3@4"` acts when the point is reached for the twelfth and
the fourth time, once. Actions: `kill` (SIGKILL, no last word), `sleep:SECONDS` (the event loop stands still), `raise`.
Points: after_claim, after_gates, before_send, after_reply, before_finish, after_finish.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from rfqflow.core.errors import ConfigError

POINTS = ("after_claim", "after_gates", "before_send", "after_reply", "before_finish", "after_finish")


@dataclass(slots=True)
class _Plan:
    action: str
    seconds: float
    left: int


def _parse(text: str) -> dict[str, _Plan]:
    plans = {}
    for one in filter(None, text.split(",")):
        name, _, rest = one.partition("=")
        what, _, nth = rest.partition("@")
        action, _, seconds = what.partition(":")
        try:
            plan = _Plan(action, float(seconds or 0), int(nth or 1))
        except ValueError:
            plan = None
        if plan is None or name not in POINTS or action not in {"kill", "sleep", "raise"}:
            raise ConfigError(f"RFQFLOW_FAILPOINTS: {one!r} is no point=action@number")
        plans[name] = plan
    return plans


def armed(text: str) -> Callable[[str], None]:
    """What to call at each point; an empty function where nothing is armed.

    Raises:
        ConfigError: the text is no list of plans.
    """
    plans = _parse(text)

    def act(name: str) -> None:
        plan = plans.get(name)
        if plan is None:
            return
        plan.left -= 1
        if plan.left:
            return
        # The evidence that the fault has landed, past every buffer, before it can be too late.
        os.write(2, (json.dumps({"event": "failpoint.reached", "point": name, "action": plan.action}) + "\n").encode())
        if plan.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif plan.action == "sleep":
            time.sleep(plan.seconds)
        else:
            raise RuntimeError(f"failpoint {name}")

    def nothing(_name: str) -> None:
        return

    return act if plans else nothing


reach = armed(os.environ.get("RFQFLOW_FAILPOINTS", ""))
