"""The size of each tier: its load, its fleet, and how often each fault occurs."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Tier:
    """`faults` are planned counts.

    A run is valid if at least `landed` faults of `kinds` kinds landed, and one of each kind.
    """

    rfqs: int
    per_second: float
    writers: int
    workers: int
    concurrency: int
    lanes: int  # faults that run at the same time, besides faults of the server
    landed: int
    kinds: int
    faults: dict[str, int] = field(default_factory=dict)
    poison: int = 0  # how many of the RFQs a harmful one follows
    files: int = 0  # how many of the RFQs come with files; some get a file, or another content, later
    minutes: float = 0.0  # a soak lasts that long, with any number of inserts
    beside: bool = (
        False  # both tables at the same time, each with its own fleet: half of a run is waiting for a fault to pass
    )

    def times(self, factor: float) -> dict[str, int]:
        return {name: max(1, round(count * factor)) for name, count in self.faults.items()}


PUSH = {
    "kill": 8,
    "kill_after_claim": 1, "kill_after_gates": 1, "kill_before_send": 1, "kill_after_reply": 1,
    "kill_before_finish": 1, "kill_after_finish": 1,
    "block_after_reply": 1, "raise_before_send": 1, "raise_before_finish": 1,
    "stop_past_lease": 2, "term": 2, "term_twice": 2, "clock_skew": 1,
    "stall_work_link": 4, "half_open": 1, "cut_links": 2, "cut_after_bytes": 2, "swallow_reply": 2,
    "refuse_connections": 1, "slow_link": 1,
    "restart": 3, "promote": 1, "terminate_backends": 4,
    "lock_outbox": 2, "lock_rfqs": 2, "fill_notify_queue": 1, "forge_notifications": 1, "disk_full": 1,
    "use_up_connections": 1, "pin_xmin": 1, "insert_without_trigger": 2, "rerun_forced": 2, "pause_and_resume": 1,
    "provider_storm": 2, "provider_hangs": 1, "provider_garbles": 1, "provider_bombs": 1, "provider_rejects_key": 1,
    "provider_dies": 1, "budget_runs_out": 1, "override": 2, "breaker_by_hand": 1, "stall_model_link": 2, "cut_model_link": 2,
    "squat_locks": 1, "short_statement_timeouts": 2, "silent_sockets": 1, "forget_connections": 2, "forget_model_connections": 1,
    "kill_file_reader": 1, "kill_while_reading": 2, "restart_while_reading": 1, "lock_file_changes": 1, "attach_without_trigger": 2,
    "provider_walls": 1, "provider_odd_statuses": 1, "provider_hangs_up": 2, "forge_settings": 1,
}  # fmt: skip


def shares(tier: Tier, seed: int, number: int) -> list[Tier]:
    """The tier as one run per table: load, harmful rows and faults are divided, so that the time remains the same."""
    dealt: list[dict[str, int]] = [{} for _ in range(number)]
    turn = seed
    for name, count in tier.faults.items():
        for _ in range(count):
            mine = dealt[turn % number]
            mine[name] = mine.get(name, 0) + 1
            turn += 1
    return [
        replace(
            tier,
            rfqs=tier.rfqs // number,
            poison=tier.poison // number,
            files=tier.files // number,
            faults=faults,
            minutes=tier.minutes / number,
        )
        for faults in dealt
    ]


def _scaled(factor: float, **special: int) -> dict[str, int]:
    return {name: max(1, round(count * factor)) for name, count in PUSH.items()} | special


TIERS = {
    "push": Tier(6_000, 45, 4, 3, 24, lanes=2, landed=60, kinds=12, faults=PUSH, poison=120, files=60, beside=True),
    "nightly": Tier(200_000, 160, 10, 6, 48, lanes=4, landed=600, kinds=30, faults=_scaled(9), poison=500, files=1000),
    "release": Tier(
        1_000_000, 200, 16, 8, 64, lanes=6, landed=2500, kinds=30,
        faults=_scaled(25, kill=1000, restart=200, promote=50, stop_past_lease=200, term=200, clock_skew=100,
                       fill_notify_queue=10, disk_full=20, provider_storm=300, stall_work_link=200, stall_model_link=200),
        poison=1500, files=5000),
    "soak": Tier(10_000, 50, 6, 3, 24, lanes=1, landed=20, kinds=10, faults=_scaled(1, kill=20), poison=120, files=100, minutes=24 * 60),
    # For developers of the harness: each fault once, in a minute or two.
    "smoke": Tier(1500, 40, 4, 3, 16, lanes=3, landed=20, kinds=12, faults=dict.fromkeys(PUSH, 1), poison=60, files=30),
}  # fmt: skip
