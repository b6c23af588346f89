-- The teams that an RFQ can be routed to. seed/routes.toml has the rows of a new installation.

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

comment on table ai.routes is 'The teams that an RFQ can be routed to. Change them by SQL; workers apply a change within a second.';
comment on column ai.routes.slug is 'The value that ai_route holds.';
comment on column ai.routes.description is 'What the team does. The model reads this text.';
comment on column ai.routes.keywords is
  'Terms in any language that suggest this route. A suffix such as ^2 or ^0.5 sets a weight; a trailing * matches a prefix.';
comment on column ai.routes.is_fallback is 'True: RFQs that fit no other route go here. At most one route has is_fallback.';
comment on column ai.routes.is_active is 'False: rfqflow routes no new RFQ here.';
comment on column ai.routes.updated_at is 'When the row was last changed.';
comment on constraint routes_slug_is_a_slug on ai.routes is 'Lower case letters, digits, - and _.';
comment on constraint routes_fallback_is_active on ai.routes is 'The fallback cannot be inactive.';
comment on index ai.routes_one_fallback is 'At most one fallback.';
