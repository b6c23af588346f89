"""Named points of a worker at which the project's own tests inject faults.

Outside tests, each point calls an empty function.

`RFQFLOW_FAILPOINTS="before_send=kill@12,after_reply=sleep:3@4"` acts once per point: at the twelfth `before_send` and
at the fourth `after_reply`. Actions: `kill` (SIGKILL, without cleanup), `sleep:SECONDS` (blocks the event loop),
`raise`. Points: after_claim, after_gates, before_send, after_reply, before_finish, after_finish.
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
    """Returns the function to call at each point. Without any armed point, that function is empty.

    Raises:
        ConfigError: the text is not a list of `point=action@number`.
    """
    plans = _parse(text)

    def act(name: str) -> None:
        plan = plans.get(name)
        if plan is None:
            return
        plan.left -= 1
        if plan.left:
            return
        # Report that the point was reached, before the action ends the process. Write directly: a buffer would be lost.
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
