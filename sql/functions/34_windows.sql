-- Budget windows: hours, days and months of a time zone that follow each other without a gap and without an overlap,
-- whatever the zone's clocks do: forward and back by an hour, by half an hour, at midnight, by a whole day.

create or replace function ai.utc_offset(p_at timestamptz, p_zone text)
returns interval
language sql stable security definer  -- workers touch tables through functions only
set search_path = pg_catalog, pg_temp
as $$
  select (p_at at time zone p_zone) - (p_at at time zone 'UTC');
$$;
comment on function ai.utc_offset(timestamptz, text) is 'How far the clocks of a time zone are ahead of UTC at a moment.';

create or replace function ai.clock_change(p_from timestamptz, p_to timestamptz, p_zone text)
returns timestamptz
language plpgsql stable security definer  -- as ai.utc_offset
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
  'When, between two moments, the clocks of a time zone are changed; null where they are not. Both are at whole seconds.';

create or replace function ai.first_instant(p_local timestamp, p_zone text)
returns timestamptz
language plpgsql stable security definer  -- as ai.utc_offset
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
  -- A time that the clocks skip comes when they are set forward.
  return greatest(v_change, v_utc - v_after);
end
$$;
comment on function ai.first_instant(timestamp, text) is
  'The first moment at which the clocks of a time zone show this time or a later one, also where they never show it or show it twice.';

create or replace function ai.budget_window(
  p_period text, p_at timestamptz, p_zone text, out starts_at timestamptz, out ends_at timestamptz)
language plpgsql stable security definer  -- as ai.utc_offset
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
    -- Half an hour forward or back within it, as on Lord Howe Island, begins another.
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
  -- Clocks that were set back over midnight show yesterday again: it stays today.
  while ends_at <= p_at loop
    v_local := v_local + v_step;
    ends_at := ai.first_instant(v_local + v_step, p_zone);
  end loop;
  starts_at := ai.first_instant(v_local, p_zone);
end
$$;
comment on function ai.budget_window(text, timestamptz, text) is
  'The hour, day or month of a time zone that a moment falls into: from its beginning up to, and without, its end. Each ends where the next begins.';
