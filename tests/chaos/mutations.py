"""Breaks the code in one place at a time, and runs the few tests that must fail: python -m tests.chaos.mutations

Each mutation is made in a copy of the tree. The command prints a table of caught and missed mutations. The exit code is
1 if a mutation was missed. `--only WORD` runs the mutations whose names contain the word.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rfqflow.database.embedded import EmbeddedPostgres

from .fleet import ROOT

HOSTILE = "tests/unit/test_hostile_files.py"
ADDRESSES = "tests/unit/test_attached_addresses.py"
DIRECT = "tests/database/test_claim_and_finish.py"
MODEL = "tests/database/test_model_based.py"
INTERLEAVINGS = "tests/database/test_interleavings.py"
LEAVE = "tests/database/test_admission_after_worker_death.py"
WAITS = "tests/database/test_lock_waits.py"
BUDGET = "tests/database/test_budget.py"
PRICES = "tests/database/test_assumed_prices.py"
VERDICT = "tests/unit/test_weekly_verdict.py"
QUALITY = "tests/integration/test_quality_pages.py"
DESK_LIST = "tests/database/test_desk_list.py"
CORRECTIONS = "tests/database/test_desk_corrections.py"
DRAFTS = "tests/database/test_drafts.py"
RELATED = "tests/database/test_related.py"
ENQUEUE = "sql/attach/50_enqueue.sql"
ATTACHMENTS = "tests/database/test_attachments_at_work.py"
MAPPED_FILES = "tests/database/test_attachments_mapped.py"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass(frozen=True)
class Mutation:
    """`old` must occur exactly once; `tests` are the arguments for pytest, and these tests must fail."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


def sql(number: str) -> str:
    return str(next((ROOT / "sql" / "functions").glob(f"{number}_*.sql")).relative_to(ROOT))


MUTATIONS = [
    Mutation("trust the sizes that a zip file states", "rfqflow/attachments/child/book.py", "        self.expanded += count", "        pass", (HOSTILE, "-k", "hostile_file_ends")),
    Mutation("record relations of an outdated version", sql("71"), "on p.rfq_id = d.rfq_id and p.token = d.token);", "on p.rfq_id = d.rfq_id);", (RELATED, "-k", "before_a_change")),
    Mutation("keep the relations of an erased person", sql("86"), "  perform ai.forget_related(v_ids);\n", "", (RELATED, "-k", "during_an_erasure")),
    Mutation("relate no later RFQs after a change of an earlier one", sql("71"), "  perform ai.request_related(v_later);\n", "", (RELATED, "-k", "same_moment or later_ones")),
    Mutation("read without a bound all RFQs that share a part", sql("71"), "order by x.created_at desc, x.rfq_id desc limit 12)", "order by x.created_at desc, x.rfq_id desc limit 12000)", (RELATED, "-k", "thousands")),
    Mutation("let a reader of files reach the network and start processes", "rfqflow/attachments/child/lockdown.py", "    return bool(libc.prctl(_SECCOMP, 2, program, 0, 0) == 0)", "    return True", (HOSTILE, "-k", "locked_process")),
    Mutation("let a reader of files open any file", "rfqflow/attachments/child/lockdown.py", "    done = bool(libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)", "    done = True", (HOSTILE, "-k", "locked_process")),
    Mutation("give a reader of files our environment", "rfqflow/attachments/reader.py", 'for name in ("LD_LIBRARY_PATH",) if', "for name in os.environ if", (HOSTILE, "-k", "environment")),
    Mutation("follow links below the folder of attachments", "rfqflow/attachments/fetching.py", "_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW |", "_OPEN_FILE = os.O_RDONLY |", (ADDRESSES, "-k", "no_path")),
    Mutation("go to a private address under a public name", "rfqflow/attachments/fetching.py", "    if not addresses or not all(", "    if not addresses or all(", (ADDRESSES, "-k", "allowed_name")),
    Mutation("read text that a page does not show", "rfqflow/attachments/child/pdf.py", "(seen.setdefault(turn, []) if shade.shows(word, turn) else concealed).append(word)", "seen.setdefault(turn, []).append(word)", ("tests/unit/test_attached_files.py", "-k", "does_not_show")),
    Mutation("let a viewer act by an address that the page hides", "rfqflow/console/access.py", "        if session.role < least:", "        if False:", ("tests/integration/test_console_rights.py", "-k", "a_role_can_do_nothing")),
    Mutation("accept a form of another session", "rfqflow/console/session.py", '        return hmac.compare_digest(self.form_token(session).encode(), token.encode("utf-8", "replace"))', "        return bool(token)", ("tests/integration/test_console_rights.py", "-k", "no_form_works")),
    Mutation("show a banner that a stranger wrote into a link", "rfqflow/console/access.py", '        if "said" not in dict(pairs):\n            return None', "        if True:\n            return None", ("tests/integration/test_console_rights.py", "-k", "banner")),
    Mutation("keep streams of a session that was revoked elsewhere", "rfqflow/console/session.py", "                ended |= await self._store.ended(self._ends)", "                pass", ("tests/integration/test_accounts.py", "-k", "every_end_of_a_session")),
    Mutation("keep sessions after a change of the account's role", sql("76"), "  if p_role is distinct from v_old.role and p_role is not null or p_password", "  if p_password", ("tests/integration/test_accounts.py", "-k", "every_end_of_a_session")),
    Mutation("count guesses of all addresses against the right person", sql("79"), " < 1 and v_left < 8 then", " < 1 then", ("tests/integration/test_accounts.py", "-k", "guesses_are_limited")),
    Mutation("check passwords of one address without a limit", sql("79"), "    wait_seconds := case when v_left < 1 then (1 - v_left) * 15 end;", "    wait_seconds := null;", ("tests/integration/test_accounts.py", "-k", "guesses_are_limited")),
    Mutation("overwrite a password that was set meanwhile", sql("79"), " or v_account.password is distinct from p_compared then", " then", ("tests/database/test_account_races.py", "-k", "simultaneous")),
    Mutation("lock a link before its account", sql("79"), "    perform from ai.accounts a where a.role = 'admin' or a.account_id = v_link.account_id order by a.account_id for update;", "    null;", ("tests/database/test_account_races.py", "-k", "deadlock")),
    Mutation("change another account than the one shown", sql("76"), "  if p_expected <> ai.account_mark(v_old) then", "  if false then", ("tests/database/test_account_races.py", "-k", "confirmed")),
    Mutation("change an account without a confirmation", "rfqflow/console/account_pages.py", '        if not asked("expected"):', "        if False:", ("tests/integration/test_accounts.py", "-k", "confirmed_first")),
    Mutation("begin a session for any request of a proxied browser", "rfqflow/console/session.py", "                if not begins:", "                if False:", ("tests/integration/test_accounts.py", "-k", "trusted")),
    Mutation("accept a login form of another site over plain HTTP", "rfqflow/console/access.py", "    return origin is not None and _place", "    return False and _place", ("tests/integration/test_accounts.py", "-k", "a_login")),
    Mutation("draft: stop the daemon while a draft is written", "rfqflow/worker/worker.py", "self._evaluator.busy or self._drafts.busy, on_progress", "self._evaluator.busy, on_progress", ("tests/integration/test_draft_writer.py", "-k", "that_is_stopped")),
    Mutation("draft: request a draft again after its call was cut off", "rfqflow/worker/draft_jobs.py", "                    if self._calls.spent_usd > spent_usd:", "                    if False:", ("tests/integration/test_draft_writer.py", "-k", "cut_off_is_not")),
    Mutation("keep the addition to a hold after its attempt ended", "rfqflow/enrichment/budgeted_calls.py", "            self._let_go(held)\n        return said", "            self._let_go(held // 2)\n        return said", ("tests/integration/test_budgeted_calls.py", "-k", "cut_off")),
    Mutation("report no drafts that no worker writes", sql("95"), "  if v_drafts.requests > 0 then", "  if false then", ("tests/integration/test_health.py", "-k", "code_names and drafts_waiting")),
    Mutation("report no passwords that cross in plain HTTP", sql("95"), "  if v_clear.attempts > 0 then", "  if false then", ("tests/integration/test_health.py", "-k", "code_names and console_plain_http")),
    Mutation("read a page anew for each viewer", "rfqflow/console/live_updates.py", "        read = console.shared.recent", "        read = console.shared.fresh", ("tests/integration/test_many_streams.py",)),
    Mutation("repeat an action that another person did meanwhile", "rfqflow/console/operations.py", '    if (asked("state") and asked("state") != form.state) or', "    if False or", ("tests/integration/test_two_operators.py",)),
    Mutation("repeat an action that is done already", "rfqflow/console/operations.py", " or (form.nothing and form.expected_count is None):", ":", ("tests/integration/test_console_attacks.py", "-k", "done_already")),
    Mutation("log a proxied name in as another name that folds to it", "rfqflow/console/session.py", "                if session is not None and not is_spelt_alike(session.actor, name):", "                if False:", ("tests/integration/test_accounts.py", "-k", "trusted")),
    Mutation("answer faster for an unknown account", "rfqflow/console/passwords.py", "        against: str = kept if kept is not None else await asyncio.wrap_future(self._nobodys)\n", "        if kept is None:\n            return False\n        against = kept\n", ("tests/unit/test_console_accounts.py", "-k", "unknown")),
    Mutation("use a one-time link twice", sql("79"), "  select a.name, l.used_at is null and l.ends_at", "  select a.name, l.ends_at", ("tests/integration/test_accounts.py", "-k", "works_once")),
    Mutation("trust the proxy's header from any client", "rfqflow/console/visitors.py", "        if not is_trusted:\n            if time", "        if False:\n            if time", ("tests/integration/test_accounts.py", "-k", "trusted")),
    Mutation("let guesses of one address delay another address", "rfqflow/console/passwords.py", "            async with lock, self._places:", "            async with self._places:", ("tests/unit/test_console_accounts.py", "-k", "guesses")),
    Mutation("desk: act on a stale version", sql("67"), "    if v_now <> p_version then", "    if false then", (CORRECTIONS, "-k", "stale_one_is_refused")),
    Mutation("desk: let a later run win over a correction", sql("66"), "  if v_standing <> '[]' then", "  if false then", (CORRECTIONS, "-k", "wins_survives")),
    Mutation("desk: keep a person's corrections when the person is erased", sql("69"), "  set ai_value = null, old = null, new = null, reason = null,", "  set reason = null,", (CORRECTIONS, "-k", "erasing_a_person")),
    Mutation("desk: keep reasons in the history of an erased person", sql("69"), "  update ai.desk_history h set reason = null,", "  update ai.desk_history h set reason = h.reason,", (CORRECTIONS, "-k", "erasing_a_person")),
    Mutation("desk: keep the hash of an erased answer", sql("69"), "content_sha256 = null, seen_answer = null, confirmed_answer", "content_sha256 = null, confirmed_answer", (DESK_LIST, "-k", "an_erased")),
    Mutation("desk: count no edited answer", "sql/views/desk.sql", "  c.edits > 0 or exists (", "  false or exists (", (CORRECTIONS, "-k", "edit_rates_count")),
    Mutation("quality: save a part of a file with a wrong line", "rfqflow/console/quality_upload.py", "    if given.wrong or given.problems:", "    if given.wrong or not given.cases:", (QUALITY, "-k", "an_upload")),
    Mutation("quality: save another number of cases than confirmed", "rfqflow/store/case_import.py", "  where $4::bigint is null or (c.new, c.changed) = ($4, $5)\n", "  where true\n", (QUALITY, "-k", "an_upload")),
    Mutation("quality: show contact data of a case", "rfqflow/console/quality_view.py", "    shown = mask_once(text[:_LOOKED_AT])", "    shown = text[:_LOOKED_AT]", ("tests/unit/test_case_judgement.py", "-k", "masked_once")),
    Mutation("quality: list cases that changed after those that did not", "rfqflow/core/evaluation/case_judgement.py", "key=lambda one: (_KINDS.index(one.kind), ", "key=lambda one: (-_KINDS.index(one.kind), ", ("tests/unit/test_case_judgement.py", "-k", "comparison")),
    Mutation("quality: call an invented due date right", "rfqflow/core/evaluation/case_judgement.py", "_mean([one is None for one in given])", "1.0", ("tests/unit/test_case_judgement.py", "-k", "add_up")),
    Mutation("quality: compare a canary with an answer to another text", sql("87"), " and y.content_sha256 = c.content_sha256\n", "\n", (QUALITY, "-k", "a_canary")),
    Mutation("quality: activate an unevaluated prompt without a confirmation", "rfqflow/console/quality_operations.py", '    if not one["is_measured"]:\n        _need_measured(', "    if False:\n        _need_measured(", (QUALITY, "-k", "workers")),
    Mutation("quality: rerun more RFQs of a trial than the operator confirmed", "rfqflow/console/quality_operations.py", "    if len(touched) != asked.expected_count:", "    if False:", (QUALITY, "-k", "a_canary")),
    Mutation("desk: treat a person's name as a mark of erasure", "sql/views/desk.sql", "or x.erased_at is not null)", "or x.withdrawn_by = 'erased')", (DESK_LIST, "-k", "named_erased")),
    Mutation("desk: close a review that is not cleared", "sql/views/desk.sql", "  case when d.review_cleared is distinct from r.ai_review or", "  case when d.rfq_id is null and d.review_cleared is distinct from r.ai_review or", (CORRECTIONS, "-k", "cleared_review")),
    Mutation("draft: show a model's draft unchecked", "rfqflow/core/drafting/order.py", "        if faults:", "        if False:", ("tests/integration/test_draft_writer.py", "-k", "breaks_a_rule")),
    Mutation("draft: ask a model about a message that gives orders", "rfqflow/core/drafting/order.py", '        return "injection" if', '        return "" if', ("tests/integration/test_draft_writer.py", "-k", "gives_orders")),
    Mutation("draft: overwrite text that a person changed meanwhile", sql("74"), "      v_outcome := 'changed_meanwhile';", "      v_outcome := 'changed_meanwhile'; perform ai.put_draft(v_one.rfq_id, 'en', '', p_draft ->> 'body', 'model', '{}', null, null, v_actor);", (DRAFTS, "-k", "never_a_persons_text")),
    Mutation("draft: keep an erased person's drafts", sql("74"), "  delete from ai.drafts d where d.rfq_id = any (p_rfq_ids);", "  null;", (DRAFTS, "-k", "erased_person")),
    Mutation("draft: spend the budget of evaluations", sql("38"), "'dddddddd-dddd-dddd-dddd-dddddddddddd' then 'draft'", "'dddddddd-dddd-dddd-dddd-dddddddddddd' then 'evaluation'", (DRAFTS, "-k", "own_budget")),
    Mutation("desk: export a customer's formula", "rfqflow/core/text/csv_cells.py", "    if _HARMFUL.match(shown):", "    if False:", ("tests/database/test_desk_export.py", "-k", "hostile")),
    Mutation("desk: export the first page only", "rfqflow/store/desk_export.py", "        if after is None:", "        if True:", ("tests/database/test_desk_export.py", "-k", "all_pages")),
    Mutation("desk: leave finished RFQs out of the list", sql("69"), "  perform ai.enter_desk_or_put_by(v_ids, v_runs, v_times);", "  null;", (DESK_LIST, "-k", "run_again_stays")),
    Mutation("desk: list no RFQ before its first answer", sql("69"), "  perform ai.enter_waiting(greatest(p_limit / 4, 1));", "  null;", (DESK_LIST, "-k", "rfq_is")),
    Mutation("desk: scan deleted RFQs again and again", sql("69"), "      and exists (select from ai.rfqs r where r.rfq_id = u.rfq_id)\n    order by", "    order by", (DESK_LIST, "-k", "deleted_rfqs")),
    Mutation("desk: wait for a session that works on an entry", sql("69"), "for update skip locked) l);\n  v_free", "for update) l);\n  v_free", (DESK_LIST, "-k", "uncommitted")),
    Mutation("desk: do not restart when the policy is raised", sql("69"), "  if v_days > v_progress.days then", "  if false then", (DESK_LIST, "-k", "reach_further")),
    Mutation("desk: give an RFQ the owner of a deleted one with its id", sql("69"), "  if v_again <> '{}' then", "  if false then", (DESK_LIST, "-k", "rfq_with")),
    Mutation("desk: merge the groups of a list in a wrong order", "rfqflow/store/desk_list.py", "order by {{merged}} limit", "order by x.rfq_id limit", (DESK_LIST, "-k", "each_filter")),
    Mutation("desk: search a phrase in one line only", "rfqflow/core/text/search_terms.py", 'r"[\\s\\u00a0>]+".join', 'r"\\ ".join', (DESK_LIST, "-k", "a_phrase")),
    Mutation("desk: read the list anew for each viewer", "rfqflow/console/shared_reads.py", "        if task is None or not is_of_use or", "        if task is None or True or", ("tests/unit/test_shared_reads.py",)),
    Mutation("desk: show old figures as current", "rfqflow/console/health_bar.py", "            gone=self.gone, since=", "            gone=False, since=", ("tests/integration/test_health_bar.py", "-k", "since_when")),
    Mutation("report no finding while no worker runs", sql("92"), "  if v_live = 0 and v_mode <> 'detached' then", "  if false then", ("tests/integration/test_health.py", "-k", "code_names and no_live_worker")),
    Mutation("count a dead daemon as a worker", sql("92"), "v_live constant integer := (select count(*) from ai.workers w where w.beat_at > v_now - interval '15 seconds');", "v_live constant integer := (select count(*) from ai.workers w);", ("tests/integration/test_health.py", "-k", "code_names and no_live_worker")),
    Mutation("forget the cost at which a call was refused", sql("35"), "refused[v_k] := least(refused[v_k], v_candidate.nano);", "refused[v_k] := 0;", ("tests/integration/test_health.py", "-k", "code_names and budget")),
    Mutation("report a cap that was raised meanwhile", sql("93"), "      where w.refused_nano > w.cap_nano - w.spent_nano_usd) x", "      ) x", ("tests/integration/test_health.py", "-k", "raising")),
    Mutation("restart the waiting time of an RFQ that waits for a key", sql("50"), "    least(m.enqueued_at, case when (r.ai_status, r.ai_reason) = ('deferred', f.reason) then r.ai_updated_at end) as first_due_at,", "    m.enqueued_at as first_due_at,", ("tests/integration/test_health.py", "-k", "since_when")),
    Mutation("let doctor exit with 0 while RFQs wait for a person", "rfqflow/store/operation_checks.py", '{"critical": "fail", "warning": "warn", "info": "info"}', '{"critical": "warn", "warning": "warn", "info": "info"}', ("tests/integration/test_health.py", "-k", "sentences and running")),
    Mutation("leave findings out of /readyz", "rfqflow/http/app.py", '"findings": await self._health.findings()', '"findings": []', ("tests/integration/test_health.py", "-k", "sentences and running")),
    Mutation("hide findings from readers", "sql/grants.sql", "ai.health_of_rfqs(), ai.health_of_calls(), ", "", ("tests/database/test_health_places.py", "-k", "readers")),
    Mutation("start with rules where a model is required", "rfqflow/settings/checks.py", "    if settings.require_model and settings", "    if False and settings", ("tests/integration/test_start.py", "-k", "connects and required")),
    Mutation("connect to the database before a missing key is reported", "rfqflow/cli/run.py", "    refuse_unusable(loaded, brings_database=embedded)\n", "", ("tests/integration/test_start.py", "-k", "connects and anthropic")),
    Mutation("ignore a misspelt variable", "rfqflow/settings/setting_names.py", "    return name not in _ELSEWHERE and", "    return False and", ("tests/unit/test_setting_names.py", "-k", "nearest_known_one")),
    Mutation("blame a variable for a value of the file", "rfqflow/settings/loading.py", "        elif variable not in in_environment and key in in_file:\n", "        elif False:\n", ("tests/integration/test_start.py", "-k", "path and misspelt")),
    Mutation("show user and path of a model's server in the start line", "rfqflow/worker/start_line.py", '    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname\n', "    return url\n", ("tests/integration/test_start_line.py", "-k", "one_event")),
    Mutation("let rules replace a model silently", sql("22"), "  rfqs := case when answered_at > now()", "  rfqs := case when false and answered_at > now()", ("tests/integration/test_health.py", "-k", "rules_instead_of_model and each_code_names")),
    Mutation("store no problems of a daemon", sql("20"), "p_concurrency, false, p_answers_with, p_problems)", "p_concurrency, false, p_answers_with, '[]')", ("tests/integration/test_health.py", "-k", "provider_misconfigured and each_code_names")),
    Mutation("store a key that the published schema does not know", "rfqflow/core/answer.py", '        "schema_version": SCHEMA_VERSION,\n', '        "schema_version": SCHEMA_VERSION,\n        "made_by": "rfqflow",\n', ("tests/unit/test_published_schemas.py", "-k", "accepts_what")),
    Mutation("write a quantity with an exponent", "rfqflow/core/answer.py", '    return f"{value:f}"', "    return str(value)", ("tests/unit/test_published_schemas.py", "-k", "in_digits")),
    Mutation("plan without the columns that are added", "rfqflow/database/migration_plan.py", '"columns": attach["missing"],', '"columns": [],', ("tests/database/test_migration_plan.py", "-k", "exactly")),
    Mutation("find a missing right by failing", "rfqflow/database/migration_rights.py", '        if server["owns"]:\n', "        if True:\n", ("tests/database/test_migration_plan.py", "-k", "missing_right")),
    Mutation("leave a reason out of the catalogue", "sql/views/causes.sql", "  ('rate_limit', 'reason', 'deferred',", "  ('rate_limits', 'reason', 'deferred',", ("tests/database/test_reasons.py",)),
    Mutation("give an RFQ the remedy of another status", sql("94"), "and q.status is not distinct from v_rfq.ai_status;", "order by q.status limit 1;", ("tests/integration/test_causes.py",)),
    Mutation("log the words of a provider or an answer", "rfqflow/worker/finished_line.py", "        error_class=result.error_class, provider=", "        error_class=result.error_class, error_detail=result.error_detail, provider=", ("tests/integration/test_error_detail.py", "-k", "without_keys and chat or reports_the_field and JSON")),
    Mutation("log the words of an application's trigger", "rfqflow/worker/result_buffer.py", 'refusal.partition(" ")[0]', "refusal", ("tests/integration/test_error_detail.py", "-k", "triggers_words")),
    Mutation("keep a provider's words unmasked", "rfqflow/core/error_detail.py", "    return mask(text)[0]\n", "    return text\n", ("tests/integration/test_error_detail.py", "-k", "without_keys and chat")),
    Mutation("keep error details of an erased person", sql("86"), "set output = null, error_detail = null,", "set output = null,", ("tests/database/test_retention.py", "-k", "erased_everywhere")),
    Mutation("treat a list that ended midway as complete", "rfqflow/enrichment/list_parts.py", "        missing += behind + _cut_away", "        missing += _cut_away", ("tests/integration/test_list_parts.py", "-k", "budget_ends_midway")),
    Mutation("keep calling for lines after a list", "rfqflow/enrichment/list_parts.py", "    return not _is_barren(answers)", "    return True", ("tests/integration/test_list_parts.py", "-k", "incomplete")),
    Mutation("do not count lines that a model leaves out of a part", "rfqflow/core/lists/parts.py", "            found += run if", "            found += 0 if", ("tests/integration/test_list_parts.py", "-k", "items_that")),
    Mutation("give up a cut-off answer instead of halving the part", "rfqflow/enrichment/pipeline.py", "        is_last = is_cut and not list_parts.can_be_halved(call, call.rfq)", "        is_last = is_cut", ("tests/integration/test_list_parts.py", "-k", "halved")),
    Mutation("bill every call by the normal tier", "rfqflow/llm/prices.py", "        tier = usage.service_tier or NORMAL_TIER\n", "        tier = NORMAL_TIER\n", ("tests/unit/test_prices.py", "-k", "the_tier_that_answered")),
    Mutation("hold a call of an expensive tier at the normal price", "rfqflow/enrichment/limiting.py", "        return replace(usage, service_tier=tier) if tier in pricing.DEARER_TIERS else usage", "        return usage", ("tests/integration/test_service_tiers.py", "-k", "expensive")),
    Mutation("treat the account's rate limit as a full cheap tier", "rfqflow/llm/service_tier.py", "    if not any(word in", "    if False and not any(word in", ("tests/integration/test_service_tiers.py", "-k", "own_rate_limit")),
    Mutation("use the cheap tier for calls that a person waits for", "rfqflow/core/records.py", "        return self.age_ms is None and self.attempt == 1", "        return self.attempt == 1", ("tests/integration/test_service_tiers.py", "-k", "only_calls")),
    Mutation("let an evaluation reuse answers of another effort", "rfqflow/core/prompting/model_parameters.py", "        if not changed:\n", "        if True:\n", ("tests/unit/test_parameters_of_models.py", "-k", "evaluation")),
    Mutation("ignore the operator's parameters", sql("40"), "    (select string_agg(p::text, ',' order by p.provider, p.model) from ai.model_parameters p),\n", "", ("tests/integration/test_model_parameters.py", "-k", "running_daemon_follows")),
    Mutation("overwrite what other daemons have learnt of a server", "rfqflow/llm/learning.py", "                self._capabilities[model] = by_now.joined(learnt[model])", "                pass", ("tests/integration/test_model_parameters.py", "-k", "daemons")),
    Mutation("repeat the call of a part that was answered", "rfqflow/enrichment/list_parts.py", "            start = last + 1\n", "            break\n", ("tests/integration/test_list_parts.py", "-k", "midway_repeats and after_reply")),
    Mutation("count each part of a list against its sender", sql("30"), " and not own.in_parts as is_fresh", " as is_fresh", ("tests/integration/test_list_parts.py", "-k", "every_item")),
    Mutation("let a refused part wait for the budget", "rfqflow/enrichment/list_parts.py", "    return bool(call.done) and (reason in _OF_MONEY", "    return False and (reason in _OF_MONEY", ("tests/integration/test_list_parts.py", "-k", "budget_ends_midway")),
    Mutation("use parts of another text", "rfqflow/enrichment/list_parts.py", "(one.content_sha256, one.prompt_version) != (content_sha256, prompt_version)", "one.prompt_version != prompt_version", ("tests/integration/test_list_parts.py", "-k", "an_edit")),
    Mutation("drop the fence", sql("50"), "on m.id = f.outbox_id and m.claim_id = f.claim_id", "on m.id = f.outbox_id", (DIRECT, MODEL)),
    Mutation("fence by RFQ instead of claim on renewal", sql("60"), "where o.id = c.id and o.claim_id = c.claim_id", "where o.id = c.id", (DIRECT, MODEL)),
    Mutation("let a finish write both rows of an id", sql("50"), "  if v_rows > jsonb_array_length(p_finished) then", "  if false then", ("tests/database/test_duplicate_ids.py", "-k", "bypassed or child")),
    Mutation("accept a second row of an id", "sql/attach/60_guard.sql", "        if v_known then%3$s", "        if false then%3$s", ("tests/database/test_duplicate_ids.py", "-k", "changes_nothing")),
    Mutation("keep a hold whose claim is gone", sql("50"), "      perform ai.reap_claims(v_lost);", "      null;", ("tests/database/test_duplicate_ids.py", "-k", "hold")),
    Mutation("treat a restored row as new", sql("20"), "t.claims = 1 and t.created_at > t.enqueued_at - interval '1 minute'", "t.claims = 1", ("tests/database/test_moved_and_restored.py", "-k", "restored_table")),
    Mutation("distrust the answer of a row that moves", "sql/attach/60_guard.sql", "              return new;  -- the row itself", "              null;  -- the row itself", ("tests/database/test_moved_and_restored.py", "-k", "moves_with_its_row")),
    Mutation("check deferred constraints at COMMIT", sql("50"), "  set constraints all immediate;\n", "", ("tests/database/test_deferred_constraints.py",)),
    Mutation("record no failure of an RFQ that cannot be written", sql("50"), "        begin\n          select * into v_done from ai.record_apart(v_one);", "        begin\n          raise exception 'no';\n          select * into v_done from ai.record_apart(v_one);", ("tests/database/test_replication.py", "-k", "refuses_every_update")),
    Mutation("retry a failed batch as a batch", "rfqflow/worker/result_buffer.py", "            self._leave(result, now, alone=True)\n        return True", "            pass\n        self.requeue(batch)\n        return False", ("tests/integration/test_refused_results.py",)),
    Mutation("wait for a trigger that hangs", "rfqflow/worker/result_buffer.py", "        return max(least + _ROW_SECONDS * len(batch), self._patience(now)), hung", "        return 300.0, False", ("tests/unit/test_results.py",)),
    Mutation("charge the database's fault to an RFQ", "rfqflow/worker/leftover_recorder.py", "            await self._store.finish([], seconds=_CONTROL_SECONDS)\n", "", ("tests/integration/test_hanging_writes.py", "-k", "database")),
    Mutation("blame the server for a failing batch without a limit", "rfqflow/worker/result_buffer.py", "self._failures < _OFTEN", "True", ("tests/integration/test_hanging_writes.py", "-k", "failure and 57P01")),
    Mutation("leave a hanging COMMIT alone", "rfqflow/database/connection.py", '    _CHECK: "1000",\n', "", ("tests/integration/test_hanging_writes.py", "-k", "a_write")),
    Mutation("keep claiming while results cannot be recorded", "rfqflow/worker/loop.py", "        if self._results.stalled:\n            return 0\n", "", ("tests/integration/test_hanging_writes.py", "-k", "database")),
    Mutation("defer an RFQ because of others' holds", "sql/functions/35_admit.sql", "if v_candidate.nano <= p_left[v_k] + p_held[v_k] + taken[v_k] then", "if false then", ("tests/integration/test_near_a_cap.py",)),
    Mutation("leave an abandoned session open", "rfqflow/database/reconnecting.py", "            if self._given_up is not None:\n", "            if False:\n", ("tests/integration/test_faults.py", "-k", "abandoned")),
    Mutation("wait for a duplicate that the application edits", sql("50"), "w.due_at > v_now\n    for update skip locked", "w.due_at > v_now\n    for update", ("tests/database/test_gate_facts.py", "-k", "is_editing")),
    Mutation("take only the oldest rows into small claims", sql("20"), "case when 65535 - p_claim_id % 65536 < p_limit % 8 then 1 else 0 end", "0", ("tests/database/test_fair_claims.py",)),
    Mutation("run our statements with the default search_path", "rfqflow/database/connection.py", "**(_PATH if application_name else {})", "**{}", ("tests/database/test_writable_public.py",)),
    Mutation("drop SKIP LOCKED from the claim", sql("20"), "limit p_limit - v_late\n      for update skip locked", "limit p_limit - v_late\n      for update", (WAITS,)),
    Mutation("drop SKIP LOCKED from the promotion", sql("60"), "order by x.due_at limit p_limit\n      for update skip locked", "order by x.due_at limit p_limit\n      for update", (WAITS,)),
    Mutation("drop SKIP LOCKED from the finish", sql("50"), "for no key update of r skip locked", "for no key update of r", (WAITS,)),
    Mutation("drop the RFQ lock", sql("50"), "    for no key update of r skip locked\n", "", (INTERLEAVINGS, WAITS)),
    Mutation("never take an expired lease over", sql("20"), "where o.id >= p_from and (o.lease_expires_at is null or o.lease_expires_at < v_now)", "where o.id >= p_from and o.lease_expires_at is null", (DIRECT, MODEL)),
    Mutation("let an unreadable row fail the claim", sql("20"), "select left(p_sqlstate, 2) not in ('08',", "select false and left(p_sqlstate, 2) not in ('08',", ("tests/integration/test_poison_rows_worker.py", "-k", "unreadable_row_fails_alone")),
    Mutation("give every RFQ up when none can be read", sql("20"), "      perform from ai.rfq_fields(array['00000000-0000-0000-0000-000000000000'::uuid], 0);", "      null;", ("tests/database/test_poison_rows.py", "-k", "that_every")),
    Mutation("cut no message", sql("20"), "  if v_length <= p_characters then", "  if true then", ("tests/integration/test_poison_rows_worker.py", "-k", "60_mb")),
    Mutation("let a failing step stop the heartbeat", sql("40"), "    failed_steps := failed_steps || ('wake_missed_deferred ' || sqlstate);", "    raise;", ("tests/integration/test_poison_rows_worker.py", "-k", "wake_missed_deferred")),
    Mutation("install in many transactions", "rfqflow/database/migrate.py", "        return [everything]", "        return [[step] for step in everything]", ("tests/database/test_installing.py", "-k", "stopped and migrate")),
    Mutation("register no id from before the trigger", "sql/attach/10_check.sql", " or not v_id_is_unique and not exists (", " and not exists (", ("tests/database/test_duplicate_ids.py", "-k", "unregistered-migrate")),
    Mutation("do not sweep RFQs that came while detached", "rfqflow/database/migrate.py", "            await _sweep(conn)", "            pass", ("tests/database/test_attachment.py", "-k", "replacing")),
    Mutation("take rights from another tool's objects", "sql/grants.sql", "where not v_foreign -> 'objects' ? t.whole", "where true", ("tests/database/test_installing.py", "-k", "changed and migrate")),
    Mutation("treat another table of the same name as attached", sql("13"), "  elsif v_seen is distinct from v_relation then", "  elsif false then", ("tests/database/test_attachment.py", "-k", "swapped")),
    Mutation("give up results that come while detached", sql("50"), "if v_refused = 'RF008' or ai.is_of_server", "if ai.is_of_server", ("tests/integration/test_detached.py",)),
    Mutation("claim leased rows", sql("20"), "where o.id >= p_from and (o.lease_expires_at is null or o.lease_expires_at < v_now)", "where o.id >= p_from", (DIRECT, MODEL)),
    Mutation("charge no attempt", sql("20"), "attempt = o.attempt + 1,", "attempt = o.attempt,", (DIRECT, MODEL)),
    Mutation("forget the lost run", sql("20"), "where o.id = any (p_ids) and o.claim_id is not null", "where false and o.id = any (p_ids)", (DIRECT, MODEL)),
    Mutation("accept repeated answers", sql("50"), "and f.prompt_version = r.ai_prompt_version then 'repeated'", "and false then 'repeated'", (DIRECT, MODEL)),
    Mutation("count a repeated answer as new", "sql/functions/48_outcomes.sql", "'done',    'superseded', 'repeated'", "'done',    null,         'repeated'", (DIRECT,)),
    Mutation("leave the run of an expired RFQ deferred", "sql/functions/48_outcomes.sql", "'skipped', 'skipped',    'expired'", "'skipped', null,         'expired'", ("tests/database/test_outcomes.py",)),
    Mutation("accept the answer to an older text", sql("50"), "and (f.content_sha256 is distinct from r.content_sha256 or m.claims = 3) then 'edited'", "and false then 'edited'", (DIRECT, MODEL)),
    Mutation("keep attempts over an edit", ENQUEUE, "update ai.outbox_deferred d\n        set attempt = 0,", "update ai.outbox_deferred d\n        set attempt = d.attempt,", (DIRECT, MODEL)),
    Mutation("charge a release", sql("50"), "when j.charged then o.attempt else o.attempt - 1 end", "else o.attempt end", (DIRECT, MODEL)),
    Mutation("wake no duplicate", sql("50"), "    where w.waits_for = any (p_rfq_ids) and", "    where false and w.waits_for = any (p_rfq_ids) and", ("tests/database/test_gate_facts.py", "-k", "is_due")),
    Mutation("let a duplicate wait for an original that has ended", sql("50"), "then interval '100 ms'", "and false then interval '100 ms'", ("tests/database/test_gate_facts.py", "-k", "is_due")),
    Mutation("read keywords in a signature", "rfqflow/core/screening/spam.py", "        return min(whole, alone, key=lambda judged: judged.score)", "        return whole", ("tests/unit/test_screen.py", "-k", "signature")),
    Mutation("skip requests in cautious words", "rfqflow/core/screening/spam.py", "if score < _SILENT and _is_about(against) and only_tells(", "if score < _SILENT and only_tells(", ("tests/unit/test_screen_corpus.py", "-k", "unwanted")),
    Mutation("skip a request for its wording", "rfqflow/core/screening/spam.py", "    wording -= speaks_for_request(text, read, folded)", "    wording -= 0", ("tests/unit/test_wording.py", "-k", "asks_for_a_price")),
    Mutation("skip a short text for its wording", "rfqflow/core/screening/spam.py", "    if score < SKIP_AT and wording < (_SALESMAN if score >= _TWO_NAMED else _TELLS_ALONE) and _is_short(read, folded):", "    if False:", ("tests/unit/test_wording.py", "-k", "short")),
    Mutation("read `6 no.` as a refusal", "rfqflow/core/rules/routing.py", 'word == "no" and (', 'word == "none" and (', ("tests/unit/test_rules.py", "-k", "refusal")),
    Mutation("route a reply by itself alone", "rfqflow/core/rules/__init__.py", "    return routing.route(tuple(words(plainest(text.shown))), spoken, routes)", "    return routed", ("tests/unit/test_rules_replies.py", "-k", "reply")),
    Mutation("count withdrawn quantities", "rfqflow/core/rules/cancelled.py", "        if not self._clauses:\n            return False", "        return False", ("tests/unit/test_rules_quantities.py",)),
    Mutation("record a repeated finish twice", sql("50"), "where x.created_at = v_now and x.reason = 'claim_lost'", "where false and x.created_at = v_now", (INTERLEAVINGS, "-k", "finish")),
    Mutation("leave an RFQ deferred after a rerun", sql("60"), "delete from ai.outbox_deferred d where d.rfq_id = any (p_rfq_ids) returning", "delete from ai.outbox_deferred d where false and d.rfq_id = any (p_rfq_ids) returning", (DIRECT, MODEL)),
    Mutation("treat a forced rerun as a plain one", sql("60"), "do update set forced = true where", "do update set forced = outbox.forced where", (DIRECT, MODEL)),
    Mutation("promote RFQs that are not due", sql("60"), "where x.due_at <= clock_timestamp()\n      order by x.due_at limit p_limit", "order by x.due_at limit p_limit", (DIRECT, MODEL)),
    Mutation("settle an unknown bill at 0", "sql/functions/55_settle.sql", "then f.booked_nano::bigint else h.amount_nano end as booked_nano", "then f.booked_nano::bigint else 0 end as booked_nano", (MODEL,)),
    Mutation("let Anthropic's SDK write spans", "rfqflow/llm/anthropic.py", "            open_telemetry=False,", "            open_telemetry=None,", ("tests/unit/test_anthropic.py", "-k", "spans")),
    Mutation("leave the cache out of the input", "rfqflow/llm/messages_reply.py", "    total = given + read_there + written\n", "    total = given\n", ("tests/unit/test_anthropic.py", "-k", "cache_writes")),
    Mutation("cache a process's own code", "rfqflow/llm/messages_request.py", '    head, gap, tail = text.rpartition("\\n\\n")\n', '    head, gap, tail = text, "", ""\n', ("tests/unit/test_anthropic.py", "-k", "processs")),
    Mutation("force a tool while the model thinks", "rfqflow/llm/messages_request.py", "self.family.thinking_off and (forced or effort", "self.family.thinking_off and (effort", ("tests/unit/test_anthropic.py", "-k", "forced_without_thinking")),
    Mutation("store all providers under one name", "rfqflow/llm/provider_chain.py", "            model: each.name for model, each in self._by_model.items() if each is not self._first", "            model: self.name for model, each in self._by_model.items() if each is not self._first", ("tests/integration/test_provider_chain.py", "-k", "answers")),
    Mutation("book a cut-off call at zero", "rfqflow/llm/error_classification.py", "usage=None if sent else Usage(),", "usage=Usage(),", ("tests/unit/test_classify.py", "-k", "causes")),
    Mutation("never try the other API", "rfqflow/llm/capabilities.py", "        return self._other_api if lacks(self.api, fault, private) else None", "        return None", ("tests/unit/test_which_api.py", "-k", "without_responses")),
    Mutation("remember an API that the server lacks", "rfqflow/llm/learning.py", "turn.capabilities.with_first_api()", "turn.capabilities", ("tests/unit/test_which_api.py", "-k", "teaches_nothing")),
    Mutation("send Azure a bearer token instead of its key header", "rfqflow/llm/openai.py", "_headers(request) | self._key_headers", "_headers(request)", ("tests/unit/test_azure.py", "-k", "azures_header")),
    Mutation("fail RFQs because of a deployment that cannot chat", "rfqflow/llm/error_classification.py", '"modeldeprecated", "operationnotsupported")', '"modeldeprecated")', ("tests/unit/test_azure.py", "-k", "neither")),
    Mutation("give a strict gateway up midway", "rfqflow/llm/attempt.py", "_MOST_ADAPTED = 16", "_MOST_ADAPTED = 10", ("tests/unit/test_strict_gateways.py", "-k", "forty")),
    Mutation("let the provider store requests", "rfqflow/llm/responses_request.py", '{"store": False, ', "{", ("tests/unit/test_responses.py", "-k", "parameters_that_the_api_requires")),
    Mutation("accept a reply that did not end as an answer", "rfqflow/llm/responses_reply.py", '_ENDS.get(str(reason), "error")', "_ENDS.get(str(reason))", ("tests/unit/test_responses.py", "-k", "without_an_answer")),
    Mutation("treat every failure as unsent", "rfqflow/llm/sending.py", "            sending.begun = True\n", "            pass\n", ("tests/unit/test_openai_attempt.py", "-k", "unknown_bill")),
    Mutation("open the breaker after one refusal", "sql/functions/44_evidence.sql", "return v_rfqs >= 3 and not exists", "return v_rfqs >= 1 and not exists", ("tests/database/test_evidence.py", "-k", "two_rfqs")),
    Mutation("count each failure of one text", "sql/functions/44_evidence.sql", "  return v_rfqs < 3 or p_failures", "  return false and p_failures", ("tests/database/test_evidence.py", "-k", "failures")),
    Mutation("let poison keep a breaker open", "sql/functions/44_evidence.sql", "    v_until := least(v_until, v_state.changed_at", "    v_until := greatest(v_until, v_state.changed_at", ("tests/database/test_evidence.py", "-k", "doubled")),
    Mutation("do not wait for answers before refusals count", "sql/functions/44_evidence.sql", "and h.admitted_at < v_first_at and", "and false and", ("tests/database/test_evidence.py", "-k", "results")),
    Mutation("defer a refused text for ever", sql("50"), "then 'exhaust'\n", "and false then 'exhaust'\n", ("tests/database/test_evidence.py", "-k", "max_attempts")),
    Mutation("use the time zone from before the wait", sql("35"), "or p_zone <> coalesce(", "or false and p_zone <> coalesce(", ("tests/database/test_windows.py", "-k", "old_time_zone")),
    Mutation("let an hour go on while clocks change", "sql/functions/34_windows.sql", "if v_change <= p_at then", "if false then", ("tests/database/test_windows.py", "-k", "moment or half_an_hour")),
    Mutation("never release a hold", "sql/functions/55_settle.sql", "held_nano = w.held_nano - n.held", "held_nano = w.held_nano", (MODEL,)),
    Mutation("call again without a hold", "rfqflow/llm/attempt.py", "return covers is None or await covers(", "return True or covers and await covers(", ("tests/integration/test_room_for_answers.py", "-k", "only_where_the_budget")),
    Mutation("extend a hold beyond the cap", "sql/functions/38_budgets.sql", "- w.spent_nano_usd - w.held_nano < v_one.nano)", "- w.spent_nano_usd < v_one.nano)", ("tests/database/test_held_longer.py",)),
    Mutation("request no smaller hold near a cap", "rfqflow/enrichment/limiting.py", "        if call.is_tight:\n", "        if True:\n", ("tests/integration/test_room_for_answers.py", "-k", "small_cap")),
    Mutation("repeat a cut-off call with the same limit", "rfqflow/core/decisions/call_limits.py", "_MORE = 2  # factor", "_MORE = 1  # factor", ("tests/unit/test_call_limits.py", "-k", "requested")),
    Mutation("leave no tokens for reasoning", "rfqflow/core/decisions/call_limits.py", "most = visible + kind.reasoning.most", "most = visible", ("tests/unit/test_call_limits.py", "-k", "more_effort")),
    Mutation("let a long call outlive its lease", "rfqflow/worker/admission_queue.py", "        await self._extend_leases(waiting)\n", "", ("tests/integration/test_room_for_answers.py", "-k", "extends")),
    Mutation("ignore the cap", sql("35"), "if v_candidate.nano > p_left[v_k] then", "if false then", (DIRECT, MODEL)),
    Mutation("count a hold once per batch only", sql("35"), "p_left[v_k] := p_left[v_k] - v_candidate.nano;", "null;", (BUDGET,)),
    Mutation("use the budgets from before the wait", sql("35"), "  if v_changed then", "  if false then", (BUDGET, "-k", "waited or first_budget")),
    Mutation("sweep no dead letter that was edited", sql("60"), "where x.rfq_id = r.rfq_id and (x.error_class in ('write_refused', 'unreadable') or", "where x.rfq_id = r.rfq_id and (true or", ("tests/database/test_trigger_in_the_way.py", "-k", "that_could")),
    Mutation("revive a dead letter with the same text", sql("60"), "select from ai.rag_runs u where u.rfq_id = r.rfq_id and u.content_sha256", "select from ai.rag_runs u where false and u.content_sha256", ("tests/database/test_sweep.py", "-k", "saved_over")),
    Mutation("limit no sender", sql("30"), "a.turn > t.granted as is_over", "false as is_over", ("tests/database/test_gate_facts.py",)),
    Mutation("grant a hold to a lost claim", sql("35"), "if p_scope = 'global' and not exists (", "if false and not exists (", (LEAVE,)),
    Mutation("let a claim be taken over during its admission", sql("35"), "    order by o.id\n    for key share;", "    order by o.id;", (LEAVE,)),
    Mutation("forget a dead worker whose row was locked", sql("60"), "where w.worker = p_worker and not exists (select from ai.outbox o where o.worker = p_worker)", "where w.worker = p_worker", (LEAVE,)),
    Mutation("settle a hold only with its row", sql("40"), "  perform ai.reclaim_expired();\n", "", (LEAVE,)),
    Mutation("never wake RFQs that are deferred late", sql("40"), "  perform ai.wake_missed_deferred();\n", "", ("tests/database/test_wake_late.py",)),
    Mutation("wake RFQs refused after the change at each heartbeat", sql("58"), " and x.was_due_at < v_raised\n", "\n", ("tests/database/test_wake_late.py", "-k", "refused_again")),
    Mutation("wake no RFQ when a price is removed", sql("39"), "  if tg_op = 'DELETE' or new.valid_from", "  if tg_op = 'DELETE' then return null; end if;\n  if new.valid_from", ("tests/database/test_prices_by_any_client.py", "-k", "removing")),
    Mutation("show a key that is stored as a model's name", sql("92"), "[-_]?[A-Za-z0-9_*-]{8,}|'", "[-_]?[A-Za-z0-9_*-]{800,}|'", ("tests/integration/test_health_names.py",)),
    Mutation("count the windows of the first hour only", sql("93"), "y.period = q.length\n          order by y.ends_at", "true\n          order by y.ends_at", ("tests/integration/test_health_names.py", "-k", "hour")),
    Mutation("wake only RFQs that were deferred after the cause had ended", sql("58"), "x.deferred_at > v_raised - v_while and", "x.deferred_at > v_raised and", ("tests/database/test_wake_late.py",)),
    Mutation("correct a corrected cost again", sql("39"), "cost_source = 'corrected'", "cost_source = 'unknown'", (PRICES, "-k", "a_corrected")),
    Mutation("correct runs and not the windows that count them", sql("39"), "case when w.scope like 'sender:%' then greatest(n.spent, -w.assumed_nano_usd) else n.spent end", "0", (PRICES,)),
    Mutation("open a window while a price corrects what it counts", sql("39"), "  lock table ai.holds in row exclusive mode;", "  null;", (PRICES, "-k", "meanwhile")),
    Mutation("wake no RFQ when a price is set", sql("39"), "  perform ai.wake_waiting(v_reasons);", "  null;", (PRICES, "-k", "of_zero")),
    Mutation("leave later ends at the assumed price uncorrected", sql("40"), "    perform ai.follow_prices();", "    null;", (PRICES, "-k", "call_that")),
    Mutation("refuse calls of unknown price once a cap was raised", sql("39"), "(h.new_value)::numeric < (h.old_value)::numeric", "(h.new_value)::numeric <> (h.old_value)::numeric", (PRICES, "-k", "never_makes")),
    Mutation("wake only the first thousand", sql("58"), "  if v_woken = v_batch or not v_sees_all then\n    insert", "  if not v_sees_all then\n    insert", (PRICES, "-k", "batches")),
    Mutation("wake once for each row of a list", sql("58"), "  elsif p_reasons <@ v_before then", "  elsif false then", ("tests/database/test_prices_by_any_client.py", "-k", "list")),
    Mutation("correct from an old snapshot", sql("39"), " or current_setting('transaction_isolation') <> 'read committed' then\n    -- An", " then\n    -- An", ("tests/database/test_prices_by_any_client.py", "-k", "old_snapshot")),
    Mutation("keep a refusal that a lower cost has resolved", sql("39"), "  perform ai.forget_refusals();", "  null;", ("tests/database/test_prices_by_any_client.py", "-k", "cheaper")),
    Mutation("discard during an outage at low volume", sql("50"), "when f.verdict = 'discard' and w.failures is not null and", "when false and", ("tests/database/test_low_volume_outage.py",)),
    Mutation("let an insert wait long for a locked queue", ENQUEUE, "set lock_timeout = '20ms'  -- per wait", "set lock_timeout = '5s'  -- per wait", ("tests/database/test_trigger_in_the_way.py", "-k", "locked_queue or insert_while")),
    Mutation("let a full notification queue fail inserts", sql("10"), "if %s%s pg_notification_queue_usage() < 0.5 then", "if %s%s true then", ("tests/database/test_doorbell.py", "-k", "full")),
    Mutation("let our error fail the insert", ENQUEUE, "        if not v_blocked then\n          raise warning 'rfqflow: the trigger could not enqueue this now (%%); workers enqueue it later', sqlstate;\n        end if;\n        return null;\n      end\n      $body$\n    $make$,\n    format(v_key, 'i.'", "        raise;\n      end\n      $body$\n    $make$,\n    format(v_key, 'i.'", ("tests/database/test_trigger_in_the_way.py", "-k", "insert_works")),
    Mutation("run the application's triggers with our search_path", sql("50"), "from set_config('search_path', v_application_path, true) p (path)", "from set_config('search_path', 'pg_catalog, pg_temp', true) p (path)", ("tests/database/test_application_triggers.py", "-k", "unqualified")),
    Mutation("search schemas in which other roles may create", "sql/attach/40_path.sql", "where w.role = 0 or not exists (", "where false and not exists (", ("tests/database/test_application_triggers.py", "-k", "searched or runs_code")),
    Mutation("trust a setting that a role has preset", ENQUEUE, "next heartbeat enqueues them.\n        v_blocked constant boolean := coalesce(\n          nullif(current_setting('rfqflow.blocked', true), '') = pg_current_xact_id_if_assigned()::text, false);", "next heartbeat enqueues them.\n        v_blocked constant boolean := coalesce(current_setting('rfqflow.blocked', true), '') <> '';", ("tests/database/test_squatters.py", "-k", "setting_of_the_role")),
    Mutation("wait for the lock of a worker's number", sql("20"), "if pg_try_advisory_lock(ai.lock_key('worker'), v_worker) then", "perform pg_advisory_lock(ai.lock_key('worker'), v_worker);\n        if true then", ("tests/database/test_squatters.py", "-k", "worker_takes")),
    Mutation("take a stranger's lock for a worker's", sql("60"), "and ai.is_trusted(a.usename))", ")", ("tests/database/test_squatters.py", "-k", "found_dead")),
    Mutation("spend the application's own time limit", sql("10"), "select greatest(1, least(20, floor(", "select greatest(20, least(20, floor(", ("tests/database/test_squatters.py", "-k", "statement_timeout or remaining")),
    Mutation("scan for every notification", "rfqflow/core/queue/poll_schedule.py", "if self._idle_rings >= _IDLE_RINGS else now", "if False else now", ("tests/database/test_squatters.py", "-k", "notifications")),
    Mutation("leave a definer function without a search_path", ENQUEUE, "language plpgsql volatile security definer  -- the application's role has no rights in this schema\n      set search_path = pg_catalog, pg_temp\n", "language plpgsql volatile security definer\n", ("tests/database/test_privileges.py", "-k", "path or diverts")),
    Mutation("leave the old status in ai.enrichment after an edit", ENQUEUE, "ai_reason = null where e.rfq_id = %s;'", "ai_reason = null where false and e.rfq_id = %s;'", ("tests/database/test_mapping_migrate.py", "-k", "after_an_edit")),
    Mutation("keep a separate answer after its RFQ is deleted", ENQUEUE, "delete from ai.enrichment e using deleted d where e.rfq_id", "delete from ai.enrichment e using deleted d where false and e.rfq_id", ("tests/database/test_mapping.py", "-k", "separate")),
    Mutation("map RFQs that are known to another table", "sql/attach/10_check.sql", "if exists (select from ai.rag_runs) or", "if false and exists (select from ai.rag_runs) or false and", ("tests/database/test_mapping_migrate.py", "-k", "anew")),
    Mutation("grant a function to PUBLIC", "sql/grants.sql", "or v_object.kind = 'function' and a.grantee = 0)", "or v_object.kind = 'function' and a.grantee = 0) and a.grantee <> 0", ("tests/database/test_privileges.py", "-k", "list or public_has")),
    Mutation("let the reader write", "sql/grants.sql", "grant execute on function ai.search_documents(text, integer)", "grant update on ai.policy to rfqflow_reader;\n    grant execute on function ai.search_documents(text, integer)", ("tests/database/test_privileges.py", "-k", "list or written")),
    Mutation("skip the last scan before sleeping", "rfqflow/core/queue/poll_schedule.py", "        self._again = True\n        self.look_at = now\n\n    def doorbell_left", "        self.look_at = inf\n\n    def doorbell_left", ("tests/integration/test_wakeups.py", "-k", "wake_up")),
    Mutation("send calls that are too late", "rfqflow/worker/executor.py", "        if self.still_owned(context, admitted=not self._pipeline.provider.free, seconds=call.limits.deadline_seconds):\n            self.end(await", "        if True:\n            self.end(await", ("tests/integration/test_late_calls.py", "-k", "had_not_begun")),
    Mutation("use an idle connection without a test", "rfqflow/database/reconnecting.py", "            await self._check()\n            conn = await self.open()", "            conn = await self.open()", ("tests/integration/test_quiet_links.py", "-k", "idle_connections")),
    Mutation("name a parameter that may be half of a password", "rfqflow/database/dsn_parsing.py", "certain = self.certain and self.values and not self.secrets", "certain = True", ("tests/integration/test_dsn.py", "-k", "piece")),
    Mutation("decode times by the driver", "rfqflow/database/connection.py", "in CODECS.items():", "in ():", ("tests/integration/test_far_times.py", "-k", "printed")),
    Mutation("keep silent sockets", "rfqflow/http/limits.py", "            oldest.transport.abort()\n", "            pass\n", ("tests/integration/test_sockets.py", "-k", "longest")),
    Mutation("count a probe among the requests", "rfqflow/http/limits.py", ' or scope["path"] in PROBES', "", ("tests/integration/test_sockets.py", "-k", "probe_has_none")),
    Mutation("keep working under a lost number", "rfqflow/worker/registration.py", "            await self._slots.cancel_all()\n", "", ("tests/integration/test_late_calls.py", "-k", "lost_number")),
    Mutation("show what the text contradicts", "rfqflow/core/checks/checking.py",
             '            taken_out[f"{path}.{name}"] = value\n            update[name] = None',
             '            taken_out[f"{path}.{name}"] = value', ("tests/unit/test_checks.py",)),
    Mutation("take a number from anywhere in the text", "rfqflow/core/checks/items.py",
             '            return contradicted("another_line") if rival', "            return VERIFIED if rival", ("tests/unit/test_checks.py",)),
    Mutation("add no rows of a clear list", "rfqflow/core/checks/checking.py",
             "    all_of_them = complete(answer.line_items, rfq.tables,", "    all_of_them = complete(answer.line_items, (),", ("tests/unit/test_checks.py",)),
    Mutation("show a model hidden text of the markup", "rfqflow/core/text/hiding.py",
             "            piece.decompose()\n", "", ("tests/unit/test_reading.py",)),
    Mutation("treat a mail program's notice as an attempt to steer", "rfqflow/core/text/hiding.py",
             " and word not in _NOTICE", "", ("tests/unit/test_reading.py",)),
    Mutation("verify swapped quantities", "rfqflow/core/checks/items.py",
             "            return swapped or (VERIFIED", "            return (VERIFIED", ("tests/unit/test_checked_mistakes.py",)),
    Mutation("accept the day for the quote as that of delivery", "rfqflow/core/checks/terms.py",
             'if field == "due_date" and (deadline', 'if field == "nothing" and (deadline', ("tests/unit/test_checked_mistakes.py",)),
    Mutation("let the old request of a thread win", "rfqflow/core/text/thread.py",
             "Part.REQUEST if depth in request else Part.QUOTED", "Part.REQUEST", ("tests/unit/test_reading.py",)),
    Mutation("keep the transaction of a silent worker open", "rfqflow/database/reconnecting.py",
             "set local idle_in_transaction_session_timeout = {_SILENT_MS}", "set local idle_in_transaction_session_timeout = 0",
             ("tests/integration/test_quiet_links.py", "-k", "transaction")),
    Mutation("read long messages on the event loop", "rfqflow/llm/reading_thread.py", "    return await asyncio.get_running_loop().run_in_executor(_READER, function)", "    return function()", ("tests/unit/test_hostile_texts.py", "-k", "messages")),
    Mutation("search fractions from each digit of a run", "rfqflow/core/text/number_digits.py", 'r"(?<!\\d)(?:(\\d++)[ -]{1,2})?(\\d++)', 'r"(?:(\\d+)[ -]{1,2})?(\\d+)', ("tests/unit/test_hostile_texts.py", "-k", "twice_the_text")),
    Mutation("forget a result whose finish failed", "rfqflow/worker/result_buffer.py", "            self.requeue(batch)\n            return False", "            return False", ("tests/integration/test_faults.py", "-k", "results")),
    Mutation("leave a claim whose reply was lost", "rfqflow/worker/loop.py", "                state.unacknowledged.append((worker, claim_id, limit))\n", "                pass\n", ("tests/integration/test_faults.py", "-k", "claim_whose_reply")),
    Mutation("count an earlier call as avoided", "sql/views/metrics.sql", "    then u.submit_ms is not null or not ai.was_called(u.rfq_id, u.created_at) else false end", "    then true else false end", ("tests/database/test_figures.py", "-k", "deferred")),
    Mutation("count a deferred call as avoided", "sql/views/metrics.sql", "where c.ended_without_call > 0\n", "where c.ended_without_call > 0 or c.status = 'deferred' and c.calls = 0\n", ("tests/database/test_figures.py", "-k", "deferred")),
    Mutation("redrive more dead letters than the operator confirmed", "sql/functions/73_dead_letters.sql", "    return;  -- the number has changed since the person confirmed it\n", "    null;\n", ("tests/database/test_dead_letters.py", "-k", "confirmed_number")),
    Mutation("leave a finding without a remedy", "rfqflow/console/remedies.py", '    "enqueue_missed": ', '    "enqueue_miss": ', ("tests/integration/test_control_room.py", "-k", "without")),
    Mutation("run a bulk action on more RFQs than confirmed", "rfqflow/console/rfq_bulk.py", "    if asked_of != str(len(chosen.rows))", "    if False and asked_of != str(len(chosen.rows))", ("tests/integration/test_rfqs_page.py", "-k", "discarded")),
    Mutation("overwrite a policy that was set meanwhile", "rfqflow/store/settings.py", "and ($3::jsonb is null or p.value = $3::jsonb) for update", "and ($3::jsonb is null or true) for update", ("tests/integration/test_settings_pages.py", "-k", "second_reports_actor")),
    Mutation("report: judge too few RFQs", "rfqflow/core/weekly_verdict.py", "    if now.rfqs < FEW:", "    if now.rfqs < 0:", (VERDICT, "-k", "too_few_rfqs")),
    Mutation("report: show a change that chance explains", "rfqflow/core/weekly_verdict.py", "    if least <= 0 <= most:", "    if least == most:", (VERDICT, "-k", "changes")),
    Mutation("report: judge by figures during a standstill", "rfqflow/core/weekly_verdict.py", "    if critical:", "    if critical and not now.rfqs:", (VERDICT, "-k", "standstill")),
    Mutation("report: compare an unfinished day", "rfqflow/reporting/weekly_report.py", 'for day in data["daily"] if day["day"] != last)', 'for day in data["daily"])', ("tests/unit/test_weekly_report.py", "-k", "unfinished")),
    Mutation("report: print names in full", "rfqflow/reporting/weekly_report.py", "NAME_MOST = 40", "NAME_MOST = 4000", ("tests/integration/test_report_print.py", "-k", "many")),
    Mutation("report: count the present days in the week before", "sql/views/scorecard.sql", "d.today - w.n * d.days as last_day", "d.today as last_day", ("tests/database/test_figures.py", "-k", "scorecard")),
    Mutation("list: show RFQs of another status by their error", "rfqflow/store/rfq_search.py", "where s.rfq_id = q.rfq_id and ($1::text is null or s.ai_status = $1) and", "where s.rfq_id = q.rfq_id and ($1::text is null or true) and", ("tests/database/test_search.py", "-k", "reasons")),
    Mutation("list: leave an RFQ without a remedy", "rfqflow/console/remedies.py", "    if code in _OF_REASON:", "    if code is None:", ("tests/integration/test_rfqs_page.py", "-k", "an_rfq")),
    Mutation("overwrite a route that was set meanwhile", "sql/functions/65_override.sql", "    and (o.override_id > abs(p_seen)", "    and (false and o.override_id > abs(p_seen)", ("tests/integration/test_rfqs_page.py", "-k", "two_people_who_route")),
    Mutation("discard an answer with its rerun", "sql/functions/72_rerun.sql", "'verdict', case when r.ai_content_sha256 = r.content_sha256 then 'keep' else 'skip' end,", "'verdict', 'skip',", ("tests/database/test_discarding.py", "-k", "survives")),
    Mutation("leave attachments out of the content", "sql/attach/35_read.sql", "else sha256(%4$s || int8send(%9$s)) end as content_sha256,", "else %4$s end as content_sha256,", (ATTACHMENTS, "-k", "late_file")),
    Mutation("forget files that came during a finish", sql("24"), "where i = any (v_held) or not exists (select from ai.outbox o where o.rfq_id = i and o.claim_id is not null));", "where true);", (ATTACHMENTS, "-k", "content")),
    Mutation("let a finish with an older snapshot miss late files", sql("50"), "r.content_sha256 or m.claims = 3)", "r.content_sha256)", (ATTACHMENTS, "-k", "snapshot")),
    Mutation("enqueue a finished RFQ for its own files again", sql("24"), "e.ai_content_sha256 is distinct from e.content_sha256", "true", (ATTACHMENTS, "-k", "ended_with_its_files")),
    Mutation("bill an RFQ for a file that was deleted", sql("24"), "from moved m where not m.is_removal;", "from moved m;", (ATTACHMENTS, "-k", "deleted_file")),
    Mutation("wait for a lock of ours with each file", "sql/attach/55_attachments.sql", "insert into ai.outbox_missed (rfq_id, sqlstate, is_file)", "insert into ai.outbox_missed (rfq_id, sqlstate, is_not)", (ATTACHMENTS, "-k", "no_lock")),
    Mutation("erase a person and keep the text of files", sql("25"), "where u.sha256 = r.sha256);", "where true);", (ATTACHMENTS, "-k", "erasing")),
    Mutation("let two workers read one file", sql("25"), "and v_reading.worker is distinct from p_worker", "and false", (ATTACHMENTS, "-k", "one_reader")),
    Mutation("answer each of several late files", "rfqflow/core/decisions/gates.py", "- claim.late_ms / 1000) > 0", "- claim.late_ms / 1000) > 9999", (MAPPED_FILES, "-k", "one_by_one")),
    Mutation("treat RFQs with other files as duplicates", "rfqflow/core/decisions/gates.py", "if claim.rfq is None or claim.is_attached:", "if claim.rfq is None:", (MAPPED_FILES, "-k", "an_rfq")),
]  # fmt: skip


def tree(folder: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def verdict(mutation: Mutation, folder: Path, dsn: str) -> str:
    """caught, missed, or why the mutation could not be made."""
    path = folder / mutation.path
    original = path.read_text()
    if original.count(mutation.old) != 1:
        return f"cannot be made: its place is there {original.count(mutation.old)} times"
    path.write_text(original.replace(mutation.old, mutation.new))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutation.tests],
            cwd=folder, env={**os.environ, "PYTHONPATH": str(folder), "RFQFLOW_TEST_DSN": dsn, "HYPOTHESIS_NO_SHRINK": "1"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        path.write_text(original)
    if done.returncode == 1:
        return "caught"
    return "missed" if done.returncode == 0 else f"pytest ended with {done.returncode}: {done.stdout[-200:]!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    chosen = [one for one in MUTATIONS if options.only in one.name]
    results = {}
    with tempfile.TemporaryDirectory(prefix="rfqflow-mutations-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        tree(folder / "tree")
        with EmbeddedPostgres(folder / "postgres", settings=FAST) as server:
            for mutation in chosen:
                began = time.monotonic()
                results[mutation.name] = verdict(mutation, folder / "tree", server.dsn)
                print(
                    f"{results[mutation.name]:8} {mutation.name} ({time.monotonic() - began:.0f} s)",
                    file=sys.stderr,
                    flush=True,
                )
    print("| mutation | where | tests | outcome |\n|---|---|---|---|")
    for mutation in chosen:
        tests = " ".join(mutation.tests).replace("tests/", "")
        print(f"| {mutation.name} | {mutation.path} | {tests} | {results[mutation.name]} |")
    caught = sum(outcome == "caught" for outcome in results.values())
    print(f"\n{caught} of {len(chosen)} caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
