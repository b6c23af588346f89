-- Known and unknown prices.

create or replace view ai.price_status as
with in_force as (
  select distinct on (p.provider, p.model, p.service_tier) p.*
  from ai.model_prices p
  where p.valid_from <= clock_timestamp()
  order by p.provider, p.model, p.service_tier, p.valid_from desc
),
assumed as (
  select r.provider, r.model, count(*) as calls, sum(r.booked_usd) as usd
  from ai.rag_runs r
  where r.created_at >= (
      select b.starts_at
      from ai.budget_window('month', clock_timestamp(), coalesce((select p.value #>> '{}' from ai.policy p where p.key = 'budget_time_zone'), 'UTC')) b)
    and r.cost_usd is null and r.booked_usd > 0 and r.cost_source is distinct from 'corrected'
  group by r.provider, r.model
)
select f.provider, f.model, f.service_tier, 'set' as source, f.input_usd_per_million, f.cached_input_usd_per_million,
  f.output_usd_per_million, f.valid_from as since, f.set_by, f.note, 0::bigint as assumed_calls, 0::numeric as assumed_usd
from in_force f
union all
select p.provider, p.model, p.service_tier, 'later', p.input_usd_per_million, p.cached_input_usd_per_million,
  p.output_usd_per_million, p.valid_from, p.set_by, p.note, 0, 0
from ai.model_prices p
where p.valid_from > clock_timestamp()
union all
select s.provider, s.model, 'default',
  case when exists (
      select from ai.run_daily_counts c
      where c.day > (now() at time zone 'UTC')::date - 31 and c.provider = s.provider and c.model = s.model and c.cost_source = 'genai-prices')
    then 'list' else 'unknown' end,
  null, null, null, null, null, null, coalesce(a.calls, 0), coalesce(a.usd, 0)
from (
  select x.provider, x.model from ai.model_states x where x.model <> '*'
  union
  select y.provider, y.model from assumed y where y.provider is not null and y.model is not null
) s
left join assumed a on a.provider = s.provider and a.model = s.model
where not exists (
  select from in_force f where f.provider = s.provider and f.model = s.model and f.service_tier = 'default');

comment on view ai.price_status is
  'Prices: one row per price that is set, and one row per called model without a price. `rfqflow price list` shows these rows.';
comment on column ai.price_status.provider is 'Same values as ai.rag_runs.provider.';
comment on column ai.price_status.model is 'Same values as ai.rag_runs.model.';
comment on column ai.price_status.service_tier is 'Same values as ai.model_prices.service_tier.';
comment on column ai.price_status.source is
  'set: in ai.model_prices. later: in ai.model_prices, but only valid from the time in since. list: from a price list that rfqflow ships. unknown: rfqflow books the assumed price of the policies, or refuses the call.';
comment on column ai.price_status.input_usd_per_million is 'Same values as ai.model_prices.input_usd_per_million; null if not set.';
comment on column ai.price_status.cached_input_usd_per_million is 'Same values as ai.model_prices.cached_input_usd_per_million.';
comment on column ai.price_status.output_usd_per_million is 'Same values as ai.model_prices.output_usd_per_million.';
comment on column ai.price_status.since is 'When the price starts to apply.';
comment on column ai.price_status.set_by is 'Who set the price.';
comment on column ai.price_status.note is 'Same values as ai.model_prices.note.';
comment on column ai.price_status.assumed_calls is 'Calls of this month booked at an assumed price.';
comment on column ai.price_status.assumed_usd is 'Booked amount of assumed_calls. Setting the price corrects it.';
