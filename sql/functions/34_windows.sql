-- Budget windows: hours, days and months of a time zone. The windows follow each other without gap or overlap, even if clocks change at
-- midnight, or by half an hour, an hour or a day.

create or replace function ai.utc_offset(p_at timestamptz, p_zone text)
returns interval
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select (p_at at time zone p_zone) - (p_at at time zone 'UTC');
$$;
comment on function ai.utc_offset(timestamptz, text) is 'Difference between the clocks of a time zone and UTC at a moment.';

create or replace function ai.clock_change(p_from timestamptz, p_to timestamptz, p_zone text)
returns timestamptz
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant interval := ai.utc_offset(p_from, p_zone);
  v_same bigint := 0;
  v_other bigint := floor(extract(epoch from p_to - p_from))::bigint - 1;
  v_middle bigint;
begin
  if v_other < 1 or ai.utc_offset(p_from + v_other * interval '1 second', p_zone) = v_before then
    return null;
  end if;
  -- Clocks change at whole seconds.
  while v_other - v_same > 1 loop
    v_middle := (v_same + v_other) / 2;
    if ai.utc_offset(p_from + v_middle * interval '1 second', p_zone) = v_before then
      v_same := v_middle;
    else
      v_other := v_middle;
    end if;
  end loop;
  return p_from + v_other * interval '1 second';
end
$$;
comment on function ai.clock_change(timestamptz, timestamptz, text) is
  'When the clocks of a time zone change between two moments, both at whole seconds; null if the clocks do not change.';

create or replace function ai.first_instant(p_local timestamp, p_zone text)
returns timestamptz
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_utc constant timestamptz := p_local at time zone 'UTC';
  v_before constant interval := ai.utc_offset(v_utc - interval '1 day', p_zone);
  v_after constant interval := ai.utc_offset(v_utc + interval '1 day', p_zone);
  v_change timestamptz;
begin
  if v_before = v_after then
    return v_utc - v_before;
  end if;
  v_change := ai.clock_change(v_utc - interval '1 day', v_utc + interval '1 day' + interval '1 second', p_zone);
  if v_utc - v_before < v_change then
    return v_utc - v_before;
  end if;
  -- A local time that the clocks skip counts as the moment when the clocks are set forward.
  return greatest(v_change, v_utc - v_after);
end
$$;
comment on function ai.first_instant(timestamp, text) is
  'First moment at which the clocks of a time zone show this time or a later one. Also handles times that the clocks never show, or show twice.';

create or replace function ai.budget_window(
  p_period text, p_at timestamptz, p_zone text, out starts_at timestamptz, out ends_at timestamptz)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_step interval;
  v_local timestamp;
  v_change timestamptz;
begin
  if p_period = 'hour' then
    starts_at := date_trunc('hour', p_at, p_zone);
    ends_at := starts_at + interval '1 hour';
    -- If the clocks change by half an hour within the hour, as on Lord Howe Island, another window begins.
    v_change := ai.clock_change(starts_at, ends_at, p_zone);
    if v_change <= p_at then
      starts_at := v_change;
    elsif v_change > p_at then
      ends_at := v_change;
    end if;
    return;
  end if;
  v_step := ('1 ' || p_period)::interval;
  v_local := date_trunc(p_period, p_at at time zone p_zone);
  ends_at := ai.first_instant(v_local + v_step, p_zone);
  -- Clocks set back over midnight show yesterday again. The window of the day stays the same.
  while ends_at <= p_at loop
    v_local := v_local + v_step;
    ends_at := ai.first_instant(v_local + v_step, p_zone);
  end loop;
  starts_at := ai.first_instant(v_local, p_zone);
end
$$;
comment on function ai.budget_window(text, timestamptz, text) is
  'The hour, day or month of a time zone that contains a moment. The end is exclusive: each window ends where the next begins.';
