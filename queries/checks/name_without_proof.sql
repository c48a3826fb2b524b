-- Events that name somebody although nothing proves who it was, or nobody although it is known
-- (design.md 3): `ambiguous`, `claimed` and `none` are `unresolved`, and name nobody.
-- grain: one row per event
-- reads: attributed_events
select
    event_id,
    recipient_account_id,
    actor_kind,
    actor_name,
    evidence
from attributed_events
where
    actor_kind is null
    or evidence is null
    or (evidence in ('ambiguous', 'claimed', 'none')) <> (actor_kind = 'unresolved')
    or (actor_kind = 'unresolved') <> (actor_name is null)
    or (actor_kind = 'unresolved' and (actor_arn is not null or actor_account is not null))
