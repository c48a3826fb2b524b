-- Role sessions that carry a known person's name and are not proven to be that person's.
-- grain: one row per session
-- reads: attributed_events, sessions
-- Whoever puts on a role chooses the session name (semantics.md 3.5). A name counts as known
-- when somebody who is proven by the log bears it; the part before an @ is compared. A person may
-- be called differently from record to record: any of those names is the person's own.
with named as (
    select distinct
        actor_kind,
        actor_account,
        actor_name,
        unnest([actor_name, actor_display]) as person_name
    from attributed_events
    where
        actor_kind in ('iam-user', 'identity-center-user', 'saml-user')
        and evidence in ('direct', 'proven', 'matched')
),

people as (
    select distinct
        actor_kind,
        actor_account,
        actor_name,
        lower(split_part(person_name, '@', 1)) as person_name
    from named
    where person_name is not null
),

known as (
    select distinct person_name from people
)

select
    s.session_id,
    s.session_name,
    s.role_arn,
    s.account_id,
    s.actor_kind,
    s.actor_account,
    s.actor_name,
    s.actor_arn,
    s.actor_display,
    s.claimed_actor,
    s.claim_source,
    s.chain,
    s.evidence,
    s.first_seen,
    s.last_seen,
    s.source_ips,
    s.event_count
from sessions as s
inner join known as p on lower(split_part(s.session_name, '@', 1)) = p.person_name
where
    coalesce(lower(split_part(s.actor_name, '@', 1)), '') != p.person_name
    and coalesce(lower(split_part(s.actor_display, '@', 1)), '') != p.person_name
    and not exists (
        select 1 from people as o
        where
            o.person_name = p.person_name
            and o.actor_kind = s.actor_kind
            and o.actor_account is not distinct from s.actor_account
            and o.actor_name = s.actor_name
    )
order by s.first_seen asc, s.session_id asc
