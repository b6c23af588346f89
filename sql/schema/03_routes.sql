-- The teams an RFQ can be routed to. The rows that a new installation starts with are in seed/routes.toml.

create table ai.routes (
  slug        text primary key,
  description text not null,
  keywords    text[] not null default '{}',
  is_fallback boolean not null default false,
  is_active   boolean not null default true,
  updated_at  timestamptz not null default clock_timestamp(),
  constraint routes_slug_is_a_slug check (slug ~ '^[a-z][a-z0-9_-]{0,39}$'),
  constraint routes_fallback_is_active check (is_active or not is_fallback)
);
create unique index routes_one_fallback on ai.routes (is_fallback) where is_fallback;

comment on table ai.routes is 'The teams an RFQ can be routed to. Change them by plain SQL; workers follow within a second.';
comment on column ai.routes.slug is 'What ai_route holds.';
comment on column ai.routes.description is 'What the team does: the model reads it.';
comment on column ai.routes.keywords is
  'Terms in any language that speak for the route: optional weight as suffix (^2, ^0.5), trailing * for a prefix.';
comment on column ai.routes.is_fallback is 'Takes what fits nowhere else; one route has it.';
comment on column ai.routes.is_active is 'False: no new RFQ is routed here.';
comment on column ai.routes.updated_at is 'Last change.';
comment on constraint routes_slug_is_a_slug on ai.routes is 'Lower case, digits, - and _.';
comment on constraint routes_fallback_is_active on ai.routes is 'The fallback can not be switched off.';
comment on index ai.routes_one_fallback is 'At most one fallback.';
